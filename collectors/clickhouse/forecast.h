// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "agent/core/clock.h"

namespace plumbline::clickhouse {

// When a table will delay inserts: the parts of its fullest partition against its own threshold.
class PartsForecast {
 public:
  // Through the values of this time a line is laid.
  static constexpr std::chrono::minutes kWindow{5};
  static constexpr std::size_t kMinValues = 3;
  // What is farther away is no forecast.
  static constexpr std::chrono::hours kHorizon{24};

  struct Limits {
    double delay = 0;
    double refuse = 0;
  };

  void set_limits(const std::string& table, Limits limits) { limits_[table] = limits; }
  std::optional<Limits> limits(const std::string& table) const;
  void add(const std::string& table, Clock::Steady time, double parts);

  // 0 when inserts are delayed already; nullopt while parts do not grow or too little is known.
  std::optional<double> seconds_to_delay(const std::string& table) const;

  // Forgets tables of which nothing was added for a window.
  void forget_idle(Clock::Steady now);
  // Thresholds are asked for as a whole.
  void forget_limits() { limits_.clear(); }

 private:
  struct Value {
    Clock::Steady time;
    double parts = 0;
  };

  std::map<std::string, Limits> limits_;
  std::map<std::string, std::deque<Value>> values_;
};

}  // namespace plumbline::clickhouse
