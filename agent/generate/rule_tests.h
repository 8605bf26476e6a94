// SPDX-License-Identifier: Apache-2.0
//
// Tests for `promtool test rules`, made with the rules: what fires is asserted whole, so that an
// alert too many fails as one too few.
#pragma once

#include <string>
#include <vector>

#include "agent/generate/indicator.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/test_plan.h"

namespace plumbline {

// `rules`: the file they are in, as seen from the test.
std::string slo_tests(const std::string& service,
                      const Indicator& indicator,
                      TestPlans& plans,
                      const std::string& rules);
std::string limit_tests(const std::string& service,
                        const std::vector<LimitAlert>& alerts,
                        const std::string& rules);

}  // namespace plumbline
