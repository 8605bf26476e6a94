// SPDX-License-Identifier: Apache-2.0
//
// What the journal costs per point, and how fast it is read: seconds of a node with 1,500 series,
// of which a third never changes, a third counts and a third wanders. Counters: ns of CPU a point
// (all threads), bytes a point in the file and written to the disk.
//
// With PLUMBLINE_REQUESTS=FILE the seconds come from a file instead: each a 32-bit length, a 32-bit
// number of points, and an ExportMetricsServiceRequest.
#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <benchmark/benchmark.h>

#include "agent/journal/otlp_points.h"
#include "agent/journal/reader.h"
#include "agent/journal/store.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

constexpr std::uint64_t kSeries = 1'500;
constexpr std::uint64_t kHour = 3'600;

struct Second {
  std::string request;
  std::uint64_t points = 0;
};

std::vector<Second> read_seconds(const char* path) {
  std::vector<Second> seconds;
  std::ifstream file(path, std::ios::binary);
  std::array<std::uint32_t, 2> head{};
  while (file.read(reinterpret_cast<char*>(head.data()), sizeof(head))) {
    Second second{.request = std::string(head[0], '\0'), .points = head[1]};
    if (!file.read(second.request.data(), head[0])) break;
    seconds.push_back(std::move(second));
  }
  return seconds;
}

const std::vector<Second>& seconds() {
  static const auto kSeconds = [] {
    if (const auto* path = std::getenv("PLUMBLINE_REQUESTS")) return read_seconds(path);
    std::vector<Second> made;
    for (std::uint64_t i = 0; i < 300; ++i) {
      made.push_back({.request = samples::node_second(i, kSeries), .points = kSeries});
    }
    return made;
  }();
  return kSeconds;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Bytes this process caused to be written to storage, files' pages in WAL and database both.
double written_bytes() {
  std::ifstream io("/proc/self/io");
  std::string key;
  double value = 0;
  while (io >> key >> value) {
    if (key == "wchar:") return value;
  }
  return 0;
}

std::unique_ptr<JournalStore> open(const std::string& path) {
  auto store = JournalStore::open({.path = path});
  if (!store) throw std::runtime_error(store.error().what);
  return std::move(*store);
}

// Writes `count` seconds, each committed, with the upkeep an agent does; returns the points.
std::uint64_t fill(JournalStore& store, std::uint64_t count) {
  std::uint64_t points = 0;
  std::uint64_t sequence = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto& second = seconds()[i % seconds().size()];
    const auto time = samples::kStart + i * samples::kSecondNanos;
    const auto done =
        store.commit({.batches = {samples::batch(
                          Stream::kSecond, sequence, second.request, time, second.points)},
                      .next_sequence = sequence + 1});
    if (!done) throw std::runtime_error(done.error().what);
    static_cast<void>(store.fold(JournalStore::Fold::kWhenLong));
    ++sequence;
    points += second.points;
  }
  return points;
}

void record(benchmark::State& state) {
  seconds();
  double points = 0;
  double bytes = 0;
  const auto cpu = cpu_seconds();
  const auto written = written_bytes();
  for (auto _ : state) {
    const TempDir dir;
    const auto path = dir.path() / "journal.db";
    auto store = open(path);
    points += static_cast<double>(fill(*store, 600));
    if (!store->close(601)) throw std::runtime_error("close");
    bytes += static_cast<double>(std::filesystem::file_size(path));
  }
  state.counters["cpu_ns_per_point"] = 1e9 * (cpu_seconds() - cpu) / points;
  state.counters["file_bytes_per_point"] = bytes / points;
  state.counters["written_bytes_per_point"] = (written_bytes() - written) / points;
}
BENCHMARK(record)->Unit(benchmark::kMillisecond)->Iterations(3);

void read_hour(benchmark::State& state) {
  const TempDir dir;
  const auto path = dir.path() / "journal.db";
  double points = 0;
  {
    auto store = open(path);
    fill(*store, kHour);
  }
  double sum = 0;
  for (auto _ : state) {
    auto reader = JournalReader::open(path);
    const auto done = (*reader)->read({.stream = Stream::kSecond}, [&](const BatchView& row) {
      const auto parsed = otlp::visit_metrics(row.request, [&](const otlp::MetricView& metric) {
        otlp::visit_points(metric, [&](const otlp::PointView& point) {
          sum += point.number();
          ++points;
        });
      });
      return parsed ? Visit::kContinue : Visit::kStop;
    });
    if (!done) throw std::runtime_error(done.error().what);
  }
  benchmark::DoNotOptimize(sum);
  state.counters["points"] = points / static_cast<double>(state.iterations());
}
BENCHMARK(read_hour)->Unit(benchmark::kMillisecond)->Iterations(5);

void make_windows(benchmark::State& state) {
  const TempDir dir;
  double points = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto path = dir.path() / "journal.db";
    for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + part);
    auto store = open(path);
    points += static_cast<double>(fill(*store, 330));
    state.ResumeTiming();
    if (!store->maintain({}, 1000)) throw std::runtime_error("upkeep");
  }
  state.counters["points"] = points / static_cast<double>(state.iterations());
}
BENCHMARK(make_windows)->Unit(benchmark::kMillisecond)->Iterations(5);

// A process that finds a journal of an hour that nobody closed.
void open_after_crash(benchmark::State& state) {
  const TempDir dir;
  const auto path = dir.path() / "journal.db";
  auto store = open(path);
  fill(*store, kHour);
  for (auto _ : state) {
    const auto again = open(path);
    if (!again->load()) throw std::runtime_error("load");
  }
}
BENCHMARK(open_after_crash)->Unit(benchmark::kMillisecond)->Iterations(5);

}  // namespace
}  // namespace plumbline

BENCHMARK_MAIN();
