// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/rule_file.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
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

constexpr std::string_view kAge = "$age";

std::chrono::milliseconds unit_of(char letter) {
  switch (letter) {
    case 'd':
      return std::chrono::hours(24);
    case 'h':
      return std::chrono::hours(1);
    case 'm':
      return std::chrono::minutes(1);
    default:
      return std::chrono::seconds(1);
  }
}

std::string shorter(std::chrono::milliseconds duration, DrillScale scale) {
  return fmt::format("{}ms", std::max<std::int64_t>(1, duration.count() / scale.divisor));
}

// The expression with shorter ranges and offsets: "[5m:30s]" and "offset 5m" of what is no text.
std::string shorter_expression(const std::string& expr, DrillScale scale) {
  constexpr std::string_view kOffset = "offset ";
  std::string out;
  bool in_text = false;
  bool in_range = false;
  for (std::size_t i = 0; i < expr.size(); ++i) {
    const char c = expr[i];
    if (c == '\\' && in_text) {
      out += c;
      out += expr[++i];
      continue;
    }
    if (c == '"') in_text = !in_text;
    if (!in_text && (c == '[' || c == ']')) in_range = c == '[';
    const bool at_offset = out.ends_with(kOffset);
    if (in_text || !(in_range || at_offset) || std::isdigit(static_cast<unsigned char>(c)) == 0) {
      out += c;
      continue;
    }
    const auto end = expr.find_first_not_of("0123456789", i);
    out += shorter(std::stoul(expr.substr(i, end - i)) * unit_of(expr.at(end)), scale);
    i = end;
  }
  return out;
}

RuleGroup shorter_group(RuleGroup group, DrillScale scale) {
  const auto divide = [&](std::chrono::seconds& time) {
    if (time.count() > 0) time = std::max(time / scale.divisor, std::chrono::seconds(1));
  };
  divide(group.interval);
  for (auto& record : group.records) record.expr = shorter_expression(record.expr, scale);
  for (auto& alert : group.alerts) {
    alert.expr = shorter_expression(alert.expr, scale);
    divide(alert.age);
    divide(alert.wait);
    divide(alert.linger);
  }
  return group;
}

std::string with_age(const AlertRule& alert) {
  auto expr = alert.expr;
  if (const auto at = expr.find(kAge); at != std::string::npos) {
    expr.replace(at, kAge.size(), std::to_string(alert.age.count()));
  }
  return expr;
}

std::string expression(const std::string& expr) {
  std::string out = "        expr: |-\n";
  std::istringstream lines(expr);
  for (std::string line; std::getline(lines, line);) out += fmt::format("          {}\n", line);
  return out;
}

std::string alert_text(const AlertRule& alert) {
  auto out = fmt::format("      - alert: {}\n", alert.name) + expression(with_age(alert));
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

std::string rule_file(const std::string& service,
                      const std::vector<RuleGroup>& groups,
                      DrillScale scale) {
  auto out = generated_header(service);
  if (scale.divisor != 1) {
    out += fmt::format(
        "# FOR DRILLS ONLY: every window, wait, age and interval is divided by {}; intervals are a "
        "second at least.\n",
        scale.divisor);
  }
  out += "groups:\n";
  for (const auto& given : groups) {
    const auto group = scale.divisor == 1 ? given : shorter_group(given, scale);
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
