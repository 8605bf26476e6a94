// SPDX-License-Identifier: Apache-2.0
#pragma once

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
// made again under the same path goes on where it was.
template <class T>
class GroupTotals {
 public:
  // Jobs that have ended are shown for half a minute as long as they are no more than these.
  static constexpr std::size_t kMostIdle = 1'000;

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

  // Once at the end of each collect. Drops the paths that have had no slot for a while, sooner when
  // many come and go, never kOtherGroups; returns how many.
  std::size_t sweep() {
    ++now_;
    std::size_t dropped = 0;
    for (auto keep = kIdleSweeps;; keep /= 2) {
      std::size_t idle = 0;
      dropped += std::erase_if(entries_, [&](const auto& pair) {
        const auto age = now_ - pair.second.last_used;
        if (pair.first == kOtherGroups || age <= 1) return false;
        if (age <= keep) ++idle;
        return age > keep;
      });
      if (idle <= kMostIdle || keep <= 1) return dropped;
    }
  }

  std::size_t size() const { return entries_.size(); }

 private:
  // A slot stays for some ten ticks after its group; a service that restarts is back by then.
  static constexpr std::uint32_t kIdleSweeps = 30;

  struct Entry {
    T totals{};
    std::uint32_t last_used = 0;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::uint32_t now_ = 0;
};

}  // namespace plumbline::bpf
