// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/event.h"

namespace plumbline::clickhouse {

// The same for the same text on every machine and in every version.
std::uint64_t fingerprint(std::string_view text);

// Failures as log events, so that a mutation that fails every second is one event and not a flood:
// the first of its kind is told at once, what follows once at the end of each window, with a count.
class Failures {
 public:
  static constexpr std::chrono::minutes kWindow{10};
  // What fails in more ways at once is one failure of another kind; the oldest is forgotten.
  static constexpr std::size_t kMax = 1'000;

  explicit Failures(const Clock& clock) : clock_(clock) {}

  // `kind`: the check, what of it failed and how, without what differs from time to time. `count`:
  // how often it happened; 0: that is counted later. True: nobody was told of it lately.
  bool add(const std::string& kind, Event event, std::uint64_t count);

  // The events that are to be told now, with plumbline.event.count and plumbline.event.fingerprint.
  std::vector<Event> take();

 private:
  struct Known {
    Clock::Steady told;
    std::uint64_t count = 0;  // since then
    std::uint64_t ahead = 0;  // of what was told and not yet counted
    Event event;              // the last one
  };

  void tell(const std::string& kind, const Known& known);

  const Clock& clock_;
  std::map<std::string, Known, std::less<>> known_;
  std::vector<Event> due_;
};

}  // namespace plumbline::clickhouse
