// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/canary/flights.h"

#include <algorithm>

namespace plumbline::kafka {
namespace {

double seconds(Flights::Time time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

void Flights::sent(std::uint64_t number, Time now) {
  flights_.push_back(
      {.number = number, .sent = now, .offset = std::nullopt, .is_first = !has_seen_});
}

void Flights::written(std::uint64_t number, std::int64_t offset, Time took) {
  produce_.record(seconds(took));
  const auto flight = std::find_if(
      flights_.begin(), flights_.end(), [&](const Flight& f) { return f.number == number; });
  if (flight != flights_.end()) flight->offset = offset;
}

void Flights::refused(std::uint64_t number) {
  if (std::erase_if(flights_, [&](const Flight& f) { return f.number == number; }) > 0) {
    ++counts_.refused;
  }
}

void Flights::seen(std::uint64_t number, std::int64_t offset, Time now) {
  has_seen_ = true;
  std::erase_if(flights_, [&](const Flight& flight) {
    if (flight.number == number) {
      const auto took = now - flight.sent;
      consume_.record(seconds(took));
      ++(took > kLate ? counts_.late : counts_.in_time);
      return true;
    }
    const bool passed = flight.offset && *flight.offset < offset;
    if (passed && !flight.is_first) ++counts_.lost;
    return passed;
  });
}

void Flights::begin() {
  flights_.clear();
  has_seen_ = false;
}

void Flights::committed(Time took) {
  commit_.record(seconds(took));
}

}  // namespace plumbline::kafka
