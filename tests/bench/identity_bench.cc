// SPDX-License-Identifier: Apache-2.0
//
// What it costs to know whose a group is: a look-up among 1,000 pods of one container, and their
// memory.
#include <malloc.h>

#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "agent/identity/identity.h"

namespace plumbline {
namespace {

constexpr int kPods = 1'000;

std::string uid_of(int number) {
  return fmt::format("6f1c2f6e-0a4b-4c57-9a3e-{:012x}", number);
}

PodList pods() {
  PodList list;
  for (int i = 0; i < kPods; ++i) {
    Pod pod;
    pod.uid = uid_of(i);
    pod.name = fmt::format("checkout-7d4b9c6f5-{:05x}", i);
    pod.name_space = "production";
    pod.node = "ip-10-0-12-34.eu-west-1.compute.internal";
    pod.phase = "Running";
    pod.labels = {{"app.kubernetes.io/name", "checkout"},
                  {"pod-template-hash", "7d4b9c6f5"},
                  {"team", "payments"}};
    pod.owner = PodOwner{.kind = "ReplicaSet", .name = "checkout-7d4b9c6f5"};
    ContainerStatus container;
    container.name = "server";
    container.id = fmt::format("{:064x}", i);
    container.runtime = ContainerRuntime::kContainerd;
    container.image = "registry.example.com/shop/checkout:2026.11.21";
    container.image_id = fmt::format("registry.example.com/shop/checkout@sha256:{:064x}", 1);
    container.state = ContainerState::kRunning;
    pod.containers.push_back(container);
    list.pods.push_back(std::move(pod));
  }
  return list;
}

std::vector<std::string> paths() {
  std::vector<std::string> out;
  for (int i = 0; i < kPods; ++i) {
    auto uid = uid_of(i);
    for (auto& c : uid) c = c == '-' ? '_' : c;
    out.push_back(
        fmt::format("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{}.slice/"
                    "cri-containerd-{:064x}.scope",
                    uid,
                    i));
  }
  return out;
}

void LookUp(benchmark::State& state) {
  const SystemClock clock;
  const auto before = ::mallinfo2().uordblks;
  Identity identity(clock);
  identity.configure({.labels = {"team"}, .annotations = {}},
                     TeamRules::parse(std::vector<std::string>{"label:team"}).value());
  identity.update(pods());
  const auto all = paths();
  for (const auto& path : all) identity.owner(path);
  const auto after = ::mallinfo2().uordblks;
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(identity.owner(all[next]).get());
    next = next + 1 < all.size() ? next + 1 : 0;
  }
  state.counters["bytes_per_pod"] = static_cast<double>(after - before) / kPods;
}
BENCHMARK(LookUp);

void Update(benchmark::State& state) {
  const SystemClock clock;
  Identity identity(clock);
  const auto list = pods();
  for (auto _ : state) identity.update(list);
}
BENCHMARK(Update)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace plumbline
