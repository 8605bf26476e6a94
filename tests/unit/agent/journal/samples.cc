// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/agent/journal/samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include "agent/journal/otlp_points.h"
#include "agent/pipeline/encode.h"

namespace plumbline::samples {
namespace {

constexpr MetricSpec kGauge{.name = "test.gauge",
                            .instrument = Instrument::kGauge,
                            .unit = Unit::kOne,
                            .description = "A value that goes up and down.",
                            .source = "the test",
                            .attributes = {"host"}};
constexpr MetricSpec kCounter{.name = "test.counter",
                              .instrument = Instrument::kCounter,
                              .unit = Unit::kEvent,
                              .description = "A value that grows.",
                              .source = "the test",
                              .attributes = {"host"}};
constexpr MetricSpec kHistogram{.name = "test.histogram",
                                .instrument = Instrument::kHistogram,
                                .unit = Unit::kSeconds,
                                .description = "Durations.",
                                .source = "the test",
                                .attributes = {"host"}};

const MetricSpec& spec_of(const std::string& name) {
  if (name == kCounter.name) return kCounter;
  return name == kHistogram.name ? kHistogram : kGauge;
}

const Resource& resource() {
  static const Resource kResource({{"host.name", "node-1"}, {"service.name", "plumbline"}}, "1");
  return kResource;
}

std::string encode(std::deque<LatestEntry>& entries) {
  std::vector<const LatestEntry*> pointers;
  for (const auto& entry : entries) pointers.push_back(&entry);
  std::string out;
  MetricsEncoder encoder;
  encoder.encode(resource(), pointers, out);
  return out;
}

LatestEntry entry(const MetricSpec& spec, const SeriesRef& series, const Sample& sample) {
  LatestEntry made;
  made.series = series;
  made.time = sample.time;
  made.start = sample.start;
  if (spec.instrument == Instrument::kHistogram) {
    made.histogram = std::make_unique<ExpHistogram>();
    made.histogram->record(1.0, static_cast<std::uint64_t>(sample.value));
  } else if (is_integral(spec.unit)) {
    made.value.integer = static_cast<std::int64_t>(sample.value);
  } else {
    made.value.real = sample.value;
  }
  return made;
}

std::string host_of(std::string_view attributes) {
  protozero::pbf_reader fields(attributes.data(), attributes.size());
  while (fields.next()) {
    protozero::pbf_reader pair = fields.get_message();
    if (!pair.next(2)) continue;
    protozero::pbf_reader value = pair.get_message();
    if (value.next(1)) return value.get_string();
  }
  return {};
}

}  // namespace

std::string request(const std::vector<Sample>& points) {
  std::deque<LatestEntry> entries;  // the encoder groups what stands side by side
  for (const auto& point : points) {
    const auto& spec = spec_of(point.metric);
    const std::array<AttributeValue, 1> values{std::string_view(point.host)};
    const auto series = Series::make(spec, values, point.start);
    entries.push_back(entry(spec, series, point));
  }
  return encode(entries);
}

std::string node_second(std::uint64_t second, std::uint64_t series) {
  std::vector<Sample> points;
  for (std::uint64_t i = 0; i < series; ++i) {
    // A third never changes, a third counts steadily, a third wanders.
    const auto step = static_cast<double>((second * 2654435761U + i * 40503U) % 1000);
    const double value = i % 3 == 0   ? static_cast<double>(i)
                         : i % 3 == 1 ? static_cast<double>(i * second)
                                      : 500 + step;
    points.push_back({.metric = i < series / 2 ? "test.counter" : "test.gauge",
                      .host = fmt::format("container-{:04}", i),
                      .time = kStart + second * kSecondNanos,
                      .value = value,
                      .start = i < series / 2 ? kStart : 0});
  }
  return request(points);
}

std::vector<Sample> parse(std::string_view request) {
  std::vector<Sample> points;
  const auto done = otlp::visit_metrics(request, [&points](const otlp::MetricView& metric) {
    otlp::visit_points(metric, [&points, &metric](const otlp::PointView& point) {
      points.push_back({.metric = std::string(metric.name),
                        .host = host_of(point.attributes),
                        .time = point.time,
                        .value = point.number(),
                        .start = point.start});
    });
  });
  return done ? points : std::vector<Sample>{};
}

PendingBatch batch(Stream stream,
                   std::uint64_t sequence,
                   std::string bytes,
                   UnixNanos time,
                   std::uint64_t items,
                   Signal signal) {
  return {.stream = stream,
          .record = std::make_shared<const LogRecord>(LogRecord{.sequence = sequence,
                                                                .signal = signal,
                                                                .time = time,
                                                                .items = items,
                                                                .bytes = std::move(bytes)})};
}

}  // namespace plumbline::samples
