// SPDX-License-Identifier: Apache-2.0
// What a tick of the node collector costs on the machine it runs on, whole and by subject.
#include <unistd.h>

#include <functional>

#include <benchmark/benchmark.h>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/node/cgroup_groups.h"
#include "collectors/node/cpu.h"
#include "collectors/node/disk.h"
#include "collectors/node/load.h"
#include "collectors/node/memory.h"
#include "collectors/node/netstat.h"
#include "collectors/node/network.h"
#include "collectors/node/node_collector.h"
#include "collectors/node/pressure.h"
#include "collectors/node/vmstat.h"

namespace plumbline::node {
namespace {

CgroupMounts mounts() {
  auto found = find_cgroup_mounts("/proc");
  return found ? *found : CgroupMounts{};
}

void node_tick(benchmark::State& state) {
  const SystemClock clock;
  const Config config;
  Log log(clock, STDERR_FILENO, LogFormat::kText, LogLevel::kError);
  CgroupIndex cgroups(mounts(), clock, 2000);
  const auto node = make_node({.config = config, .clock = clock, .log = log, .cgroups = cgroups});
  if (!node->open()) return state.SkipWithError("the node collector does not open");
  Batch batch;
  for (auto _ : state) {
    batch.clear();
    benchmark::DoNotOptimize(node->collect(clock.steady(), batch));
  }
  state.counters["points"] = static_cast<double>(batch.size());
  state.counters["cgroups"] = static_cast<double>(cgroups.living().size());
}
BENCHMARK(node_tick)->Unit(benchmark::kMicrosecond);

void cgroup_walk(benchmark::State& state) {
  const SystemClock clock;
  CgroupIndex cgroups(mounts(), clock, 2000);
  cgroups.refresh();
  std::uint64_t id = ~0ULL;
  for (auto _ : state) {
    // An id that is not known makes the index walk once more.
    CgroupIndex fresh(mounts(), clock, 2000);
    fresh.refresh();
    benchmark::DoNotOptimize(fresh.path(--id));
  }
  state.counters["cgroups"] = static_cast<double>(cgroups.living().size());
}
BENCHMARK(cgroup_walk)->Unit(benchmark::kMicrosecond);

void topic_tick(benchmark::State& state, const std::function<std::unique_ptr<Topic>()>& make) {
  const SystemClock clock;
  SeriesTable series(0);
  ReadBuffer buffer;
  Batch batch;
  const auto topic = make();
  for (auto _ : state) {
    batch.clear();
    Tick tick{.out = batch, .series = series, .buffer = buffer, .clock = clock};
    topic->collect(tick);
  }
  state.counters["points"] = static_cast<double>(batch.size());
}
BENCHMARK_CAPTURE(topic_tick, cpu, [] { return make_cpu("/proc"); });
BENCHMARK_CAPTURE(topic_tick, load, [] { return make_load("/proc"); });
BENCHMARK_CAPTURE(topic_tick, memory, [] { return make_memory("/proc"); });
BENCHMARK_CAPTURE(topic_tick, vmstat, [] { return make_vmstat("/proc"); });
BENCHMARK_CAPTURE(topic_tick, pressure, [] { return make_pressure("/proc"); });
BENCHMARK_CAPTURE(topic_tick, network, [] { return make_network("/proc"); });
BENCHMARK_CAPTURE(topic_tick, netstat, [] { return make_netstat("/proc"); });

}  // namespace
}  // namespace plumbline::node
