// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/name_filter.h"

#include <fmt/format.h>

namespace plumbline::kafka {
namespace {

Result<std::optional<std::regex>> compile(const std::string& text) {
  if (text.empty()) return std::optional<std::regex>();
  try {
    return std::optional(std::regex(text, std::regex::ECMAScript | std::regex::optimize));
  } catch (const std::regex_error& problem) {
    return Error{
        .code = Errc::kMalformed,
        .what = fmt::format("\"{}\" is not a regular expression: {}", text, problem.what())};
  }
}

}  // namespace

Result<NameFilter> NameFilter::make(const std::string& include, const std::string& exclude) {
  NameFilter filter;
  auto wanted = compile(include);
  if (!wanted) return wanted.error();
  auto unwanted = compile(exclude);
  if (!unwanted) return unwanted.error();
  filter.include_ = *std::move(wanted);
  filter.exclude_ = *std::move(unwanted);
  return filter;
}

bool NameFilter::matches(const std::string& name) const {
  try {
    return (!include_ || std::regex_match(name, *include_)) &&
           (!exclude_ || !std::regex_match(name, *exclude_));
  } catch (const std::regex_error&) {
    return false;  // it takes too many steps on this name
  }
}

bool NameFilter::accepts(std::string_view name) {
  if (!include_ && !exclude_) return true;
  std::string key(name);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  if (known_.size() >= kRemembered) known_.clear();
  const bool accepted = matches(key);
  return known_[std::move(key)] = accepted;
}

}  // namespace plumbline::kafka
