// SPDX-License-Identifier: Apache-2.0
#include "collectors/sched/sched.h"

#include <algorithm>
#include <string>

#include "collectors/bpf/group_slots.h"
#include "collectors/bpf/mapped_array.h"
#include "collectors/sched/signals.h"

namespace plumbline::sched {
namespace {

constexpr double kNanosecond = 1e-9;

}  // namespace

void OffCpuTime::add(std::int64_t delta) {
  ns += delta;
  shown_ns = std::max(shown_ns, ns);
}

std::uint64_t take(sched_group& from, GroupTimes& into) {
  bpf::take(from.wait, into.wait);
  into.io_wait.add(bpf::take(from.io_wait_ns));
  into.sleep.add(bpf::take(from.sleep_ns));
  into.voluntary += bpf::take(from.voluntary);
  into.involuntary += bpf::take(from.involuntary);
  return bpf::take(from.unblamed_ns);
}

void add_points(std::string_view path, const GroupTimes& times, SeriesTable& series, Batch& out) {
  const auto seconds = [](const OffCpuTime& time) {
    return static_cast<double>(time.shown_ns) * kNanosecond;
  };
  if (times.wait.view().count == 0 && times.voluntary + times.involuntary == 0) return;
  out.add(series.get(kRunQueueWait, {path}), times.wait.view());
  out.add(series.get(kSwitches, {path, "voluntary"}), times.voluntary);
  out.add(series.get(kSwitches, {path, "involuntary"}), times.involuntary);
  out.add(series.get(kOffCpu, {path, "io_wait"}), seconds(times.io_wait));
  out.add(series.get(kOffCpu, {path, "sleep"}), seconds(times.sleep));
}

void Interference::add(std::string_view victim, std::string_view culprit, std::uint64_t ns) {
  if (ns == 0) return;
  auto found = victims_.find(victim);
  if (found != victims_.end()) {
    if (const auto pair = found->second.find(culprit); pair != found->second.end()) {
      pair->second += ns;
      return;
    }
  }
  if (size_ >= kMost && culprit != bpf::kOtherGroups) {
    add(victim, bpf::kOtherGroups, ns);
    return;
  }
  if (found == victims_.end()) found = victims_.emplace(std::string(victim), Culprits{}).first;
  found->second.emplace(std::string(culprit), ns);
  ++size_;
}

void Interference::add_points(SeriesTable& series, Batch& out) const {
  for (const auto& [victim, culprits] : victims_) {
    for (const auto& [culprit, ns] : culprits) {
      out.add(series.get(kInterference, {std::string_view(victim), std::string_view(culprit)}),
              static_cast<double>(ns) * kNanosecond);
    }
  }
}

}  // namespace plumbline::sched
