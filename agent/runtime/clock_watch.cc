// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/clock_watch.h"

#include <utility>

#include <fmt/format.h>

namespace plumbline {
namespace {

using std::chrono::nanoseconds;

nanoseconds difference(UnixNanos now, UnixNanos before) {
  return nanoseconds(static_cast<std::int64_t>(now - before));
}

nanoseconds if_a_jump(nanoseconds by) {
  return std::chrono::abs(by) < ClockWatch::kLeast ? nanoseconds(0) : by;
}

double seconds(nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::optional<ClockWatch::Jump> ClockWatch::look(UnixNanos wall,
                                                 Clock::Steady steady,
                                                 UnixNanos boot) {
  const auto before = std::exchange(before_, Looked{.wall = wall, .steady = steady, .boot = boot});
  if (!before) return {};
  const auto set = difference(boot, before->boot);
  const auto slept = difference(wall, before->wall) - (steady - before->steady) - set;
  Jump jump{.set = if_a_jump(set), .slept = if_a_jump(slept)};
  if (jump.set.count() == 0 && jump.slept.count() <= 0) return {};
  if (jump.set.count() > 0) ++jumps_.forward;
  if (jump.set.count() < 0) ++jumps_.back;
  if (jump.slept.count() > 0) ++jumps_.suspends;
  jump.worth_a_line = !told_at_ || steady >= *told_at_ + kQuiet;
  if (jump.worth_a_line) told_at_ = steady;
  return jump;
}

std::string describe(const ClockWatch::Jump& jump) {
  std::string text;
  if (jump.set.count() != 0) {
    text = fmt::format("the clock was set {} by {:.1f} s; all series go on from there",
                       jump.set.count() > 0 ? "forward" : "back",
                       seconds(std::chrono::abs(jump.set)));
  }
  if (jump.slept.count() > 0) {
    text += fmt::format("{}the machine slept for {:.1f} s, of which nothing is known",
                        text.empty() ? "" : "; ",
                        seconds(jump.slept));
  }
  return text;
}

}  // namespace plumbline
