// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/promql.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/manifest/promql_text.h"

namespace plumbline {

std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string literal_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(".+*?()|[]{}^$\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string series(const MetricSpec& spec,
                   const std::vector<Matcher>& matchers,
                   std::string_view suffix) {
  std::vector<std::string> labels;
  labels.reserve(matchers.size());
  for (const auto& matcher : matchers) {
    labels.push_back(fmt::format("{}{}{}",
                                 prometheus_label(matcher.attribute),
                                 matcher.comparison,
                                 quoted_text(matcher.value)));
  }
  const auto name = prometheus_name(spec) + std::string(suffix);
  return labels.empty() ? name : fmt::format("{}{{{}}}", name, fmt::join(labels, ","));
}

std::string by(std::string_view aggregation, const std::vector<std::string_view>& attributes) {
  std::vector<std::string> labels;
  labels.reserve(attributes.size());
  for (const auto attribute : attributes) labels.push_back(prometheus_label(attribute));
  return fmt::format("{} by ({})", aggregation, fmt::join(labels, ", "));
}

std::string in_window(std::string_view expr, std::string_view window) {
  std::string out(expr);
  for (auto at = out.find(kWindowPlace); at != std::string::npos; at = out.find(kWindowPlace)) {
    out.replace(at, kWindowPlace.size(), window);
  }
  return out;
}

std::string promql_duration(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds % 3'600 == 0) return fmt::format("{}h", seconds / 3'600);
  if (seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

std::string promql_number(double number) {
  auto text = fmt::format("{:.12f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string camel_case(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '-') {
      upper = true;
    } else {
      out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  return out;
}

}  // namespace plumbline
