// SPDX-License-Identifier: Apache-2.0
//
// Who of a metric beyond its budget keeps a name of its own.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

#include "agent/pipeline/cumulative.h"
#include "agent/pipeline/limit.h"

namespace plumbline {
namespace {

// How much louder than the one that has a place a series must be to get it.
constexpr float kLouder = 1.5F;

// One in so many places may change at one ranking.
constexpr std::uint64_t kShareOfPlaces = 8;

}  // namespace

void SeriesLimit::rank(Source& from, const Batch& batch) {
  bool any = false;
  for (auto* metric : from.overflowing) {
    metric->due = is_due(*metric, batch.time);
    if (!metric->due) continue;
    metric->ranked = batch.time;
    any = true;
  }
  if (!any) return;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& member = *from.order[i];
    if (!member.metric->due) continue;
    measure(member, batch, i);
    member.metric->contested.push_back(&member);
  }
  for (auto* metric : from.overflowing) {
    if (!std::exchange(metric->due, false)) continue;
    settle(*metric);
    contest(*metric, batch.time);
    metric->contested = {};
  }
}

// A wall clock that stepped back begins a new period.
bool SeriesLimit::is_due(Metric& metric, UnixNanos now) const {
  if (std::exchange(metric.begins_period, false) && metric.ranked) {
    metric.ranked = now;
    return false;
  }
  return !metric.ranked || now < *metric.ranked ||
         now - *metric.ranked >= static_cast<UnixNanos>(rank_period_.count());
}

void SeriesLimit::measure(Member& member, const Batch& batch, std::size_t position) {
  const auto& spec = *member.metric->counts.metric;
  const auto points = batch.points();
  double grown = 0;
  if (position >= points.size()) {
    const auto count = batch.histogram(position - points.size()).count;
    const auto before = static_cast<std::uint64_t>(member.measured.integer);
    grown = static_cast<double>(count < before ? count : count - before);
    member.measured.integer = static_cast<std::int64_t>(count);
  } else {
    const auto value = points[position].value;
    grown = spec.monotonic() ? as_real(spec, growth(spec, member.measured, value))
                             : std::abs(as_real(spec, value));
    member.measured = value;
  }
  if (member.rankings < kRanked) ++member.rankings;
  const bool is_known = member.rankings == kRanked || !spec.monotonic();
  const auto now = is_known ? static_cast<float>(grown) : 0.0F;
  member.loudness = member.loudness == 0 ? now : (member.loudness + now) / 2;
}

// What stood still for a period moves on.
void SeriesLimit::settle(Metric& metric) {
  for (auto* member : metric.contested) {
    if (member->place == Place::kLeaving) dismiss(*member, Place::kFolded);
    if (member->place == Place::kEntering) member->place = Place::kKept;
  }
}

// Those that come first by loudness, in that order; of a flood nobody needs the order of the rest.
template <class Compare>
void SeriesLimit::keep_first(std::vector<Member*>& members, std::uint64_t count, Compare compare) {
  const auto kept = std::min<std::uint64_t>(members.size(), count);
  std::partial_sort(
      members.begin(),
      members.begin() + static_cast<std::ptrdiff_t>(kept),
      members.end(),
      [&](const Member* a, const Member* b) { return compare(a->loudness, b->loudness); });
  members.resize(kept);
}

void SeriesLimit::contest(Metric& metric, UnixNanos now) {
  std::vector<Member*> holders;
  std::vector<Member*> candidates;
  for (auto* member : metric.contested) {
    if (member->rankings < kRanked) continue;
    if (member->place == Place::kNative || member->place == Place::kKept) {
      holders.push_back(member);
    } else if (member->place == Place::kFolded && member->loudness > 0) {
      candidates.push_back(member);
    }
  }
  const auto moves = std::max<std::uint64_t>(metric.budget / kShareOfPlaces, 1);
  const auto used = metric.admitted + 1;
  const auto places = metric.budget > used ? metric.budget - used : 0;
  keep_first(candidates, places + moves, std::greater{});
  keep_first(holders, moves, std::less{});
  auto candidate = candidates.begin();
  for (; candidate != candidates.end() && has_room(metric); ++candidate) enter(**candidate, now);
  for (auto holder = holders.begin(); holder != holders.end() && candidate != candidates.end();
       ++holder, ++candidate) {
    if ((*candidate)->loudness <= kLouder * (*holder)->loudness) return;
    ++metric.counts.exchanged;
    leave(**holder);
    if (has_room(metric)) enter(**candidate, now);
  }
}

void SeriesLimit::enter(Member& member, UnixNanos now) {
  if (!member.metric->counts.metric->monotonic()) {
    admit(member, Place::kNative);
    return;
  }
  admit(member, Place::kEntering);
  member.own = std::make_unique<Own>();
  member.own->series = with_start(*member.series, now);
  if (member.last_histogram != nullptr) {
    member.own->histogram = ExpHistogram(member.last_histogram->view().zero_threshold);
  }
}

// A monotonic one holds its place for one period more.
void SeriesLimit::leave(Member& member) {
  member.metric->sample = member.series;
  if (!member.metric->counts.metric->monotonic()) {
    dismiss(member, Place::kFolded);
    return;
  }
  if (member.place == Place::kNative) {
    member.own = std::make_unique<Own>();
    member.own->series = member.series;
    member.own->value = member.last;
    if (member.last_histogram != nullptr) {
      member.own->histogram.assign(member.last_histogram->view());
    }
  }
  member.place = Place::kLeaving;
}

}  // namespace plumbline
