// SPDX-License-Identifier: Apache-2.0
// One data point of a known series, as OTLP bytes, four ways in one run: our two-pass writer,
// protozero alone, and protobuf's generated code, whose message is built anew, reused, or lies in
// an arena. Each item is a point: items_per_second is the figure to compare.
#include <google/protobuf/arena.h>

#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/limit.h"

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"

namespace plumbline {
namespace {

using ExportRequest = opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;

constexpr std::int64_t kPoints = 1'000;
constexpr UnixNanos kNow = 1'790'000'000'000'000'000;

constexpr MetricSpec kIo{.name = "bench.network.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "Bytes moved.",
                         .source = "",
                         .attributes = {"cgroup.path", "interface", "direction", "peer"}};
constexpr MetricSpec kWait{.name = "bench.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "A wait.",
                           .source = "",
                           .attributes = {"cgroup.path"}};

// 1,000 counters with four attributes of text each, about 144 bytes a point.
class Points {
 public:
  Points() {
    batch_.time = kNow;
    for (std::int64_t i = 0; i < kPoints; ++i) {
      const auto group = "/kubepods.slice/pod" + std::to_string(10'000 + i);
      batch_.add(table_.get(kIo, {group, "eth0", "receive", "10.0.0.1"}), i * 1'000'003);
    }
    latest_.update("bench", batch_);
  }

  Batch& batch() { return batch_; }
  Latest& latest() { return latest_; }
  const Resource& resource() const { return resource_; }

 private:
  SeriesTable table_{kNow - 1};
  Batch batch_;
  Latest latest_;
  Resource resource_{{{"host.name", "node-1"}, {"service.name", "plumbline"}}, "0.1.0"};
};

void two_pass_writer(benchmark::State& state) {
  Points points;
  MetricsEncoder encoder;
  std::string out;
  for (auto _ : state) {
    out.clear();
    encoder.encode(points.resource(), points.latest().entries(), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
  state.counters["bytes_per_point"] =
      static_cast<double>(out.size()) / static_cast<double>(kPoints);
}
BENCHMARK(two_pass_writer);

void write_with_protozero(const std::vector<const LatestEntry*>& entries, std::string& out) {
  protozero::pbf_writer request(out);
  protozero::pbf_writer resource_metrics(request, 1);
  protozero::pbf_writer scope_metrics(resource_metrics, 2);
  protozero::pbf_writer metric(scope_metrics, 2);
  metric.add_string(1, kIo.name.data(), kIo.name.size());
  protozero::pbf_writer sum(metric, 7);
  for (const auto* entry : entries) {
    protozero::pbf_writer point(sum, 1);
    for (const auto& [key, value] : entry->series->attributes()) {
      protozero::pbf_writer attribute(point, 7);
      attribute.add_string(1, key.data(), key.size());
      protozero::pbf_writer any(attribute, 2);
      any.add_string(1, value.data(), value.size());
    }
    point.add_fixed64(2, entry->start);
    point.add_fixed64(3, entry->time);
    point.add_sfixed64(6, entry->value.integer);
  }
}

void protozero_alone(benchmark::State& state) {
  Points points;
  std::string out;
  for (auto _ : state) {
    out.clear();
    write_with_protozero(points.latest().entries(), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(protozero_alone);

void fill(const std::vector<const LatestEntry*>& entries, ExportRequest& request) {
  auto& metric = *request.add_resource_metrics()->add_scope_metrics()->add_metrics();
  metric.set_name(kIo.name.data(), kIo.name.size());
  auto& sum = *metric.mutable_sum();
  for (const auto* entry : entries) {
    auto& point = *sum.add_data_points();
    for (const auto& [key, value] : entry->series->attributes()) {
      auto& attribute = *point.add_attributes();
      attribute.set_key(key.data(), key.size());
      attribute.mutable_value()->set_string_value(value.data(), value.size());
    }
    point.set_start_time_unix_nano(entry->start);
    point.set_time_unix_nano(entry->time);
    point.set_as_int(entry->value.integer);
  }
}

void protobuf_built_anew(benchmark::State& state) {
  Points points;
  std::string out;
  for (auto _ : state) {
    ExportRequest request;
    fill(points.latest().entries(), request);
    request.SerializeToString(&out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(protobuf_built_anew);

void protobuf_reused(benchmark::State& state) {
  Points points;
  std::string out;
  ExportRequest request;
  for (auto _ : state) {
    request.Clear();
    fill(points.latest().entries(), request);
    request.SerializeToString(&out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(protobuf_reused);

void protobuf_in_an_arena(benchmark::State& state) {
  Points points;
  std::string out;
  std::vector<char> block(8U << 20U);
  for (auto _ : state) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    google::protobuf::Arena arena(options);
    auto* request = google::protobuf::Arena::CreateMessage<ExportRequest>(&arena);
    fill(points.latest().entries(), *request);
    request->SerializeToString(&out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(protobuf_in_an_arena);

// The stages before the encoder, for a tick whose series are all known.
void limit_and_latest(benchmark::State& state) {
  Points points;
  SeriesLimit limit(LimitsConfig{});
  for (auto _ : state) {
    ++points.batch().time;
    limit.apply("bench", points.batch());
    points.latest().update("bench", points.batch());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(limit_and_latest);

// 100 histograms of some 90 buckets; an item is a histogram.
void two_pass_writer_of_histograms(benchmark::State& state) {
  constexpr std::int64_t kHistograms = 100;
  SeriesTable table(kNow - 1);
  Batch batch;
  batch.time = kNow;
  ExpHistogram histogram;
  for (double value = 1e-6; value < 2e-3; value *= 1.01) histogram.record(value, 3);
  for (std::int64_t i = 0; i < kHistograms; ++i) {
    batch.add(table.get(kWait, {"/kubepods.slice/pod" + std::to_string(i)}), histogram.view());
  }
  Latest latest;
  latest.update("bench", batch);
  const Resource resource({{"host.name", "node-1"}}, "0.1.0");
  MetricsEncoder encoder;
  std::string out;
  for (auto _ : state) {
    out.clear();
    encoder.encode(resource, latest.entries(), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kHistograms);
}
BENCHMARK(two_pass_writer_of_histograms);

}  // namespace
}  // namespace plumbline
