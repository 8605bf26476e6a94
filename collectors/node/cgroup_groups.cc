// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_groups.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "collectors/node/cgroup_files.h"
#include "collectors/node/cgroup_series.h"
#include "collectors/node/cgroup_signals.h"

namespace plumbline::node {
namespace {

using Duration = Clock::Steady::duration;

struct Group {
  Group(std::uint64_t group_id, std::string path, UnixNanos start)
      : id(group_id), series(std::move(path), start) {}

  double cpu_time() const {
    return values.slots[CgroupValues::kCpuUser] + values.slots[CgroupValues::kCpuSystem];
  }

  std::uint64_t id;
  CgroupSeries series;
  CgroupValues values;
  Clock::Steady checked{};  // when its values were last known to be so
  Clock::Steady read{};     // when all of it was read
};

class Cgroups final : public Topic {
 public:
  Cgroups(CgroupIndex& cgroups, const DeviceNames& disks, UnixNanos boot)
      : Topic("node.cgroup"),
        cgroups_(cgroups),
        disks_(disks),
        boot_(boot),
        files_(cgroups.mounts()) {}

  void collect(Tick& tick) override {
    if (files_.empty()) return;
    cgroups_.refresh();
    follow_index();
    read_groups(tick);
    for (auto* group : order_) {
      if (group->read != Clock::Steady{}) group->series.report(group->values, disks_, tick.out);
    }
    report_state(tick);
  }

  SignalState state() const override {
    if (files_.empty()) return SignalState::kUnavailable;
    return files_.missing().empty() ? SignalState::kAvailable : SignalState::kDegraded;
  }

  Coverage coverage() const override {
    Coverage out{.signal = signal(), .state = state(), .mechanism = {}, .reason = {}};
    if (files_.empty()) {
      out.reason = "no cgroup file system is mounted";
    } else {
      out.mechanism = "cgroup " + std::string(to_string(cgroups_.mounts().mode));
      if (!files_.missing().empty()) out.reason = "not mounted or enabled: " + files_.missing();
    }
    return out;
  }

 private:
  // Makes order_ the living groups of the index, keeping what is known of each.
  void follow_index() {
    const auto living = cgroups_.living();
    const bool same = std::ranges::equal(living, order_, [](const auto* known, const auto* ours) {
      return known->id == ours->id && known->path == ours->series.path();
    });
    if (same && followed_) return;
    auto old = std::move(groups_);
    groups_.clear();
    order_.clear();
    for (const auto* known : living) {
      auto node = old.extract(known->id);
      if (!node || node.mapped()->series.path() != known->path) {
        // What was there before us counts since some time after boot.
        const auto start = followed_ ? known->first_seen : boot_;
        auto made = std::make_unique<Group>(known->id, known->path, start);
        order_.push_back(groups_.emplace(known->id, std::move(made)).first->second.get());
      } else {
        order_.push_back(groups_.insert(std::move(node)).position->second.get());
      }
    }
    followed_ = true;
  }

  void read_groups(Tick& tick) {
    const auto start = tick.clock.steady();
    const bool crowded = read_cost_ * static_cast<double>(order_.size()) >
                         static_cast<double>(Duration(kCgroupBudget).count());
    auto now = start;
    for (std::size_t i = 0; i < order_.size() && now - start < kCgroupBudget; ++i) {
      next_ = next_ < order_.size() ? next_ : 0;
      auto& group = *order_[next_++];
      if (!crowded || !is_idle(group, tick, now)) {
        files_.read(group.series.path(), tick.buffer, group.values);
        group.read = now;
      }
      group.checked = now;
      const auto end = tick.clock.steady();
      if (group.read == now) learn_cost(end - now);
      now = end;
    }
  }

  // Its CPU time has not moved since it was read, and that was not long ago.
  bool is_idle(const Group& group, Tick& tick, Clock::Steady now) {
    if (group.read == Clock::Steady{} || now - group.read >= kCgroupIdleAge) return false;
    return files_.read_cpu_time(group.series.path(), tick.buffer) == group.cpu_time();
  }

  // A mean over about the last fifty readings.
  void learn_cost(Duration cost) {
    constexpr double kShare = 0.02;
    const auto nanos = static_cast<double>(cost.count());
    read_cost_ = read_cost_ == 0 ? nanos : read_cost_ + (nanos - read_cost_) * kShare;
  }

  void report_state(Tick& tick) const {
    tick.out.add(tick.series.get(kGroups), order_.size());
    tick.out.add(tick.series.get(kGroupsOverflow), cgroups_.overflow());
    if (order_.empty()) return;
    const auto* oldest =
        *std::ranges::min_element(order_, {}, [](const Group* group) { return group->checked; });
    if (oldest->checked == Clock::Steady{}) return;  // not all were read yet
    const std::chrono::duration<double> age = tick.clock.steady() - oldest->checked;
    tick.out.add(tick.series.get(kGroupsAge), age.count());
  }

  CgroupIndex& cgroups_;
  const DeviceNames& disks_;
  UnixNanos boot_;
  CgroupFiles files_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Group>> groups_;
  std::vector<Group*> order_;
  bool followed_ = false;
  std::size_t next_ = 0;  // in order_: whose turn it is
  double read_cost_ = 0;  // nanoseconds for one group
};

}  // namespace

std::unique_ptr<Topic> make_cgroups(CgroupIndex& cgroups,
                                    const DeviceNames& disks,
                                    UnixNanos boot) {
  return std::make_unique<Cgroups>(cgroups, disks, boot);
}

}  // namespace plumbline::node
