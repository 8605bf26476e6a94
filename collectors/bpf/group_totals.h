// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plumbline::bpf {

// The name of what has no group of its own: groups beyond the limit, groups that came and went
// unseen.
inline constexpr std::string_view kOtherGroups = "_other";

// Cumulative values by group path, fed from slots that come and go: a group that is removed and
// made again under the same path goes on where it was. `PerGroup`: how many entries a group has
// about.
template <class T, std::size_t PerGroup = 1>
class GroupTotals {
 public:
  // What has ended is shown for half a minute as long as it is no more than this, else the latest
  // of it: some 40 KB for each group, in all tables and behind them. Destinations that are sent to
  // have the last value of all.
  static constexpr std::size_t kMostIdle = 250 * PerGroup;

  // The totals of a path, zero when new. A reference stays valid until the sweep that drops it.
  T& of(std::string_view path) {
    auto found = entries_.find(path);
    if (found == entries_.end()) found = entries_.emplace(std::string(path), Entry{}).first;
    found->second.last_used = now_;
    return found->second.totals;
  }

  // Calls visit(path, totals) for every path.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [path, entry] : entries_) visit(std::string_view(path), entry.totals);
  }

  bool contains(std::string_view path) const { return entries_.contains(path); }

  // Once at the end of each collect. Drops the paths that have had no slot for a while, the longest
  // gone first when many come and go, never kOtherGroups; returns how many.
  std::size_t sweep() {
    ++now_;
    const auto keep = how_long();
    return std::erase_if(entries_, [&](const auto& pair) {
      return pair.first != kOtherGroups && age(pair.second) > keep;
    });
  }

  std::size_t size() const { return entries_.size(); }

 private:
  // A service that restarts is back by then.
  static constexpr std::uint32_t kIdleSweeps = 30;

  struct Entry {
    T totals{};
    std::uint32_t last_used = 0;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  // 1: it was used since the last sweep.
  std::uint32_t age(const Entry& entry) const { return now_ - entry.last_used; }

  // The oldest age that may stay.
  std::uint32_t how_long() const {
    std::array<std::size_t, kIdleSweeps + 1> idle{};
    for (const auto& [path, entry] : entries_) {
      if (age(entry) <= kIdleSweeps) ++idle[age(entry)];
    }
    std::size_t kept = 0;
    for (std::uint32_t keep = 1; keep < kIdleSweeps; ++keep) {
      kept += idle[keep + 1];
      if (kept > kMostIdle) return keep;
    }
    return kIdleSweeps;
  }

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::uint32_t now_ = 0;
};

}  // namespace plumbline::bpf
