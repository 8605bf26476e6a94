// SPDX-License-Identifier: Apache-2.0
#include "dashboards/boards/instances.h"

#include "agent/runtime/self_signals.h"

namespace plumbline::dashboards {

std::vector<Matcher> instance_matchers() {
  return {{"job", "$job", "=~"}, {"instance", "$instance", "=~"}};
}

std::vector<Variable> instance_variables() {
  const Scope all{{}};
  return {choice("job", "Job", self::kSeries, "job", all),
          choice("instance", "Instance", self::kSeries, "instance", all.with("job", "$job", "=~"))};
}

Mark restarts_mark() {
  return {.name = "Agent started",
          .expr = Scope(instance_matchers()).now(self::kUptime) + " < 60",
          .title = "Agent started",
          .text = "{{instance}}",
          .colour = Colour::kBlue};
}

}  // namespace plumbline::dashboards
