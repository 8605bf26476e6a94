// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plumbline {

// What the kernel was asked to count by group.
enum class EventKind : std::uint8_t { kProcess, kSocket, kBlock, kCount };

// How many events found their group, so that a share of those that did not can be told. Kernel lane
// only.
class EventTally {
 public:
  enum Outcome : std::uint8_t {
    kNamed,    // the path of their group
    kNobodys,  // of no group by their nature: a flush that the kernel makes, a packet without
               // socket
    kUnnamed,  // of a group whose name did not turn up, or that found no room
    kEarlier,  // of what was done before the agent looked, and by whom nobody can tell
    kOutcomes,
  };

  // `path` as series bear it: empty for nobody's, and no path for those without a name.
  static Outcome outcome_of(std::string_view path) {
    return path.empty() ? kNobodys : path.front() == '/' ? kNamed : kUnnamed;
  }

  void add(EventKind kind, std::string_view path, std::uint64_t events) {
    add(kind, outcome_of(path), events);
  }
  void add(EventKind kind, Outcome outcome, std::uint64_t events) {
    counts_.at(static_cast<std::size_t>(kind)).at(outcome) += events;
  }

  std::uint64_t of(EventKind kind, Outcome outcome) const {
    return counts_.at(static_cast<std::size_t>(kind)).at(outcome);
  }

 private:
  std::array<std::array<std::uint64_t, kOutcomes>, static_cast<std::size_t>(EventKind::kCount)>
      counts_{};
};

}  // namespace plumbline
