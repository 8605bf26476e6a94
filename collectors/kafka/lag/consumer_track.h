// SPDX-License-Identifier: Apache-2.0
//
// One group on one partition, followed over time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/kafka/lag/timeline.h"

namespace plumbline::kafka {

// By severity; the numbers are exported.
enum class Verdict : std::uint8_t {
  kOk = 0,
  kSlow = 1,     // it reads, and its lag grows
  kRewound = 2,  // it went back, and has not caught up since
  kStalled = 3,  // it has members, and does not commit although there is something to read
  kStopped = 4,  // it has no members, and there is something to read
};

std::string_view to_string(Verdict verdict);

// What was seen in one look. Offsets are kUnknown where they were not learned.
struct Sighting {
  Millis now = 0;
  std::int64_t committed = -1;
  std::int64_t start = -1;
  std::int64_t stable = -1;
  std::int64_t end = -1;
};

// What happened since the look before.
struct Happened {
  std::optional<std::int64_t> rewound_from;  // the group committed an offset before this one
  // Records that were deleted before the group read them: from this one to the one before
  // `lost_end`.
  std::int64_t lost_first = 0;
  std::int64_t lost_end = 0;
  std::int64_t lost() const { return lost_end - lost_first; }
  bool beyond_end = false;  // now committed behind the end of the log: it was truncated
};

// Values since the group was first seen on this partition.
class ConsumerTrack {
 public:
  // How long something must last to be a verdict. Consumers commit every 5 s by default.
  static constexpr Millis kWindow = 60'000;

  Happened see(const Sighting& sighting);

  // Nothing is concluded before a whole window was seen. `members` < 0: not known.
  Verdict verdict(Millis now, std::int32_t members) const;
  // The verdict as a sentence: "committed nothing for 125 s although 3 members ...".
  std::string reason(Verdict verdict, Millis now, std::int32_t members) const;

  std::int64_t committed() const { return committed_; }
  // Since a new commit was first seen, as of the last look.
  Millis age() const { return seen_at_ - moved_at_; }
  bool has_moved() const { return has_moved_; }  // else age() is since it was first seen
  std::optional<double> rate() const;            // commits' progress, offsets a second

 private:
  void judge_lag(std::int64_t lag, Millis now);
  // How long there has been something to read without a new commit.
  Millis waits(Millis now) const { return now - std::max(moved_at_, behind_since_); }

  std::int64_t committed_ = -1;
  std::int64_t lag_ = 0;
  std::int64_t lost_until_ = 0;  // deleted records before this one are accounted for
  std::int64_t rewound_to_ = -1;
  std::int64_t rewound_from_ = -1;
  Millis seen_at_ = 0;
  Millis moved_at_ = 0;
  Millis behind_since_ = 0;  // the first look since which it had something to read in each
  Millis window_began_ = 0;
  std::int64_t trough_ = 0;         // the smallest lag in this window
  std::int64_t last_trough_ = -1;   // in the one before; -1: there was none
  std::int64_t first_trough_ = -1;  // when it began to grow
  double rate_ = 0;
  std::uint8_t growing_windows_ = 0;
  bool has_moved_ = false;
  bool has_rate_ = false;
  bool beyond_end_ = false;
};

// A mean over about a minute of how fast something grows, in 1/s.
double smooth_rate(double rate, double now_rate, double seconds, bool first);

}  // namespace plumbline::kafka
