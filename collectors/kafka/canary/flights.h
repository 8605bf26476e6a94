// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "agent/core/histogram.h"

namespace plumbline::kafka {

// What became of the messages that the canary sent to one partition. Each is counted once, when its
// end is known; until then it is under way. Pure: offsets and times come in.
//
// A message is lost when the consumer was given a later one of that partition without it. One that
// was not seen yet is no lost one, however long ago it was sent: a broker may have slept.
class Flights {
 public:
  using Time = std::chrono::nanoseconds;  // steady

  // Who comes later than that is late; what the receiving side of most services would wait.
  static constexpr Time kLate = std::chrono::seconds(5);
  // Under way at the same time; while there are so many none is sent.
  static constexpr std::size_t kMost = 32;

  struct Counts {
    std::uint64_t in_time = 0;
    std::uint64_t late = 0;
    std::uint64_t lost = 0;
    std::uint64_t refused = 0;  // the broker did not take it, or gave no answer in time
  };

  // Another consumer reads from now on: what is under way is not followed any more.
  void begin();

  bool has_room() const { return flights_.size() < kMost; }
  void sent(std::uint64_t number, Time now);
  // The broker has it, at this offset, after so long.
  void written(std::uint64_t number, std::int64_t offset, Time took);
  // librdkafka has given it up. If it comes back all the same, it was written.
  void refused(std::uint64_t number);
  // The consumer was given it.
  void seen(std::uint64_t number, std::int64_t offset, Time now);
  // The offset behind a seen one is committed, after so long.
  void committed(Time took);

  std::size_t under_way() const { return flights_.size(); }
  const Counts& counts() const { return counts_; }
  const ExpHistogram& produce() const { return produce_; }
  const ExpHistogram& consume() const { return consume_; }
  const ExpHistogram& commit() const { return commit_; }

 private:
  struct Flight {
    std::uint64_t number = 0;
    Time sent{};
    std::optional<std::int64_t> offset;
    // Sent before the consumer had seen the first one: where it began to read is not known.
    bool is_first = false;
  };

  std::deque<Flight> flights_;  // by number
  bool has_seen_ = false;
  Counts counts_;
  ExpHistogram produce_;  // seconds, as the others
  ExpHistogram consume_;
  ExpHistogram commit_;
};

}  // namespace plumbline::kafka
