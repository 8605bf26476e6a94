// SPDX-License-Identifier: Apache-2.0
//
// A made-up course of events, and what the arithmetic of agent/slo says of it: what the generated
// rules are held to.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/slo/burn.h"

namespace plumbline {

// So many minutes that are alike.
struct Stretch {
  enum class Data : std::uint8_t {
    kThere,
    kNoBadSeries,  // the counter of bad events does not exist yet
    kGone,         // nothing is measured
    kRestart,      // counters begin at zero again
  };
  int minutes = 0;
  double all = 0;  // events a minute
  double bad = 0;
  Data data = Data::kThere;
};

class Scenario {
 public:
  explicit Scenario(std::vector<Stretch> stretches) : stretches_(std::move(stretches)) {}

  const std::vector<Stretch>& stretches() const { return stretches_; }
  int minutes() const;
  void extend(const Stretch& stretch) { stretches_.push_back(stretch); }

  // The tiers whose alerts fire at that minute, "trickle" among them, when the data were there all
  // the time.
  std::set<std::string> firing(int minute, const Objective& objective) const;

  // The first minute from `from` on about which the tiers that fire have not changed for so long
  // that neither evaluation, windows that are added up by fives nor an alert that lingers matter.
  // Absent when there is none.
  std::optional<int> settled(int from, const Objective& objective) const;

 private:
  // Of the `length` minutes up to `minute`.
  EventCounts window(int minute, std::chrono::minutes length) const;

  std::vector<Stretch> stretches_;
};

}  // namespace plumbline
