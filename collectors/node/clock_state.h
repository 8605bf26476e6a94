// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/timex.h>

#include <memory>

#include "collectors/node/topic.h"

namespace plumbline::node {

struct ClockState {
  bool synchronized = false;
  double offset = 0;  // seconds
  double max_error = 0;
  double estimated_error = 0;
  double frequency_adjustment = 0;  // a share: 1e-6 is one part per million
};

// From what adjtimex(2) returned.
ClockState to_clock_state(const timex& kernel);

// How well the wall clock is kept.
std::unique_ptr<Topic> make_clock_state();

}  // namespace plumbline::node
