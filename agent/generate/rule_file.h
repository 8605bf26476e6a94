// SPDX-License-Identifier: Apache-2.0
//
// Rules as values, and the file of Prometheus they are written to.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace plumbline {

using RuleLabels =
    std::vector<std::pair<std::string, std::string>>;  // in the order they are written

struct RecordingRule {
  std::string name;
  std::string expr;
};

struct AlertRule {
  std::string name;
  std::string expr;
  std::chrono::seconds age{0};     // stands for $age in the expression
  std::chrono::seconds wait{0};    // "for"
  std::chrono::seconds linger{0};  // "keep_firing_for"
  RuleLabels labels;
  RuleLabels annotations;
};

struct RuleGroup {
  std::string name;
  std::chrono::seconds interval{30};
  RuleLabels record_labels;  // of every recording rule
  std::vector<RecordingRule> records;
  std::vector<AlertRule> alerts;
};

// The first lines of every generated file.
std::string generated_header(const std::string& service);

// How much shorter than they should be all windows, waits and ages are written. Drills make a fault
// and cannot wait for hours; for anything else it is 1. Intervals get no shorter than a second.
struct DrillScale {
  unsigned divisor = 1;
};

// For Prometheus 2.42 (keep_firing_for) and later.
std::string rule_file(const std::string& service,
                      const std::vector<RuleGroup>& groups,
                      DrillScale scale = {});

}  // namespace plumbline
