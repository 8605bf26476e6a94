// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/consumer_track.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plumbline::kafka {
namespace {

constexpr double kRateSeconds = 60;
// Two windows in a row, each by a twentieth: less is noise of a consumer that keeps up.
constexpr std::uint8_t kGrowingWindows = 2;
constexpr std::int64_t kGrowthShare = 20;

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kSlow:
      return "slow";
    case Verdict::kRewound:
      return "rewound";
    case Verdict::kStalled:
      return "stalled";
    case Verdict::kStopped:
      return "stopped";
  }
  return "unknown";
}

double smooth_rate(double rate, double now_rate, double seconds, bool first) {
  if (first) return now_rate;
  const double weight = 1 - std::exp(-seconds / kRateSeconds);
  return rate + weight * (now_rate - rate);
}

Happened ConsumerTrack::see(const Sighting& sighting) {
  Happened happened;
  const bool first = committed_ < 0;
  const auto before = committed_;
  const auto seconds = static_cast<double>(sighting.now - seen_at_) / 1'000;
  committed_ = sighting.committed;
  if (first) {
    moved_at_ = window_began_ = sighting.now;
    // What was lost before is told by the gap between commit and log start, not counted again at
    // each start of the agent.
    lost_until_ = std::max(sighting.start, std::int64_t{0});
    trough_ = INT64_MAX;
  } else if (committed_ != before) {
    moved_at_ = sighting.now;
    has_moved_ = true;
  }
  if (!first && committed_ < before) {
    happened.rewound_from = before;
    rewound_to_ = committed_;
    rewound_from_ = before;
    has_rate_ = false;
    lost_until_ = std::max(sighting.start, std::int64_t{0});
  } else if (!first && seconds > 0) {
    const auto now_rate = static_cast<double>(committed_ - before) / seconds;
    rate_ = smooth_rate(rate_, now_rate, seconds, !has_rate_);
    has_rate_ = true;
  }
  if (committed_ >= rewound_from_) rewound_from_ = -1;  // caught up with itself
  seen_at_ = sighting.now;

  const auto unread = std::max(committed_, lost_until_);
  if (sighting.start > unread) {
    happened.lost_first = unread;
    happened.lost_end = sighting.start;
    lost_until_ = sighting.start;
  }
  if (sighting.end >= 0) {
    const bool beyond = committed_ > sighting.end;
    happened.beyond_end = beyond && !beyond_end_;
    beyond_end_ = beyond;
  }
  const auto readable = sighting.stable >= 0 ? sighting.stable : sighting.end;
  if (readable >= 0) judge_lag(std::max(readable - committed_, std::int64_t{0}), sighting.now);
  return happened;
}

void ConsumerTrack::judge_lag(std::int64_t lag, Millis now) {
  if (lag_ == 0) behind_since_ = now;
  lag_ = lag;
  trough_ = std::min(trough_, lag);
  if (now - window_began_ < kWindow) return;
  const bool grew = last_trough_ >= 0 && trough_ > last_trough_ + last_trough_ / kGrowthShare;
  if (!grew) {
    growing_windows_ = 0;
    first_trough_ = trough_;
  } else if (growing_windows_ < kGrowingWindows) {
    ++growing_windows_;
  }
  last_trough_ = trough_;
  trough_ = lag;
  window_began_ = now;
}

std::optional<double> ConsumerTrack::rate() const {
  if (!has_rate_) return std::nullopt;
  return rate_;
}

Verdict ConsumerTrack::verdict(Millis now, std::int32_t members) const {
  if (lag_ == 0) return Verdict::kOk;
  const bool still = waits(now) >= kWindow;
  if (still) return members == 0 ? Verdict::kStopped : Verdict::kStalled;
  if (rewound_from_ >= 0) return Verdict::kRewound;
  if (growing_windows_ >= kGrowingWindows && lag_ > first_trough_) return Verdict::kSlow;
  return Verdict::kOk;
}

std::string ConsumerTrack::reason(Verdict verdict, Millis now, std::int32_t members) const {
  const auto still = waits(now) / 1'000;
  switch (verdict) {
    case Verdict::kOk:
      return lag_ == 0 ? "has read everything" : "keeps up";
    case Verdict::kSlow:
      return fmt::format("reads, but its lag grew from {} to {} offsets", first_trough_, lag_);
    case Verdict::kRewound:
      return fmt::format("went back from offset {} to {}", rewound_from_, rewound_to_);
    case Verdict::kStalled:
      return members < 0 ? fmt::format("committed nothing for {} s, {} offsets unread", still, lag_)
                         : fmt::format(
                               "committed nothing for {} s although it has {} {} and {} "
                               "offsets are unread",
                               still,
                               members,
                               members == 1 ? "member" : "members",
                               lag_);
    case Verdict::kStopped:
      return fmt::format(
          "has no members for at least {} s while {} offsets are unread", still, lag_);
  }
  return {};
}

}  // namespace plumbline::kafka
