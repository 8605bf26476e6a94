// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/rule_file.h"

#include <sstream>

#include <fmt/format.h>

#include "agent/generate/promql.h"

namespace plumbline {
namespace {

std::string labels_text(const std::string& key, const RuleLabels& labels) {
  if (labels.empty()) return {};
  auto out = fmt::format("        {}:\n", key);
  for (const auto& [name, value] : labels) {
    out += fmt::format("          {}: {}\n", name, quoted_text(value));
  }
  return out;
}

std::string expression(const std::string& expr) {
  std::string out = "        expr: |-\n";
  std::istringstream lines(expr);
  for (std::string line; std::getline(lines, line);) out += fmt::format("          {}\n", line);
  return out;
}

std::string alert_text(const AlertRule& alert) {
  auto out = fmt::format("      - alert: {}\n", alert.name) + expression(alert.expr);
  if (alert.wait.count() > 0) out += fmt::format("        for: {}\n", promql_duration(alert.wait));
  if (alert.linger.count() > 0) {
    out += fmt::format("        keep_firing_for: {}\n", promql_duration(alert.linger));
  }
  return out + labels_text("labels", alert.labels) + labels_text("annotations", alert.annotations);
}

}  // namespace

std::string generated_header(const std::string& service) {
  return fmt::format(
      "# Written by `plumbline generate` from the manifest {}; change that, not this.\n", service);
}

std::string rule_file(const std::string& service, const std::vector<RuleGroup>& groups) {
  auto out = generated_header(service) + "groups:\n";
  for (const auto& group : groups) {
    out += fmt::format("  - name: {}\n    interval: {}\n    rules:\n",
                       quoted_text(group.name),
                       promql_duration(group.interval));
    for (const auto& record : group.records) {
      out += fmt::format("      - record: {}\n", record.name) + expression(record.expr) +
             labels_text("labels", group.record_labels);
    }
    for (const auto& alert : group.alerts) out += alert_text(alert);
  }
  return out;
}

}  // namespace plumbline
