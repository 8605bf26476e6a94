// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/exclusion.h"

#include <array>
#include <charconv>
#include <chrono>

namespace plumbline {
namespace {

// "2026-11-21T22:00:00Z": UTC only, so that nobody has to know when clocks are set.
std::optional<std::int64_t> parse_utc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const auto hour = number(11, 2);
  const auto minute = number(14, 2);
  const auto second = number(17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::sys_seconds time = std::chrono::sys_days(day) + std::chrono::hours(hour) +
                                        std::chrono::minutes(minute) + std::chrono::seconds(second);
  return time.time_since_epoch().count();
}

}  // namespace

std::optional<Exclusion> parse_exclusion(std::string_view text) {
  const auto slash = text.find('/');
  const auto space = text.find(' ');
  if (slash == std::string_view::npos || space == std::string_view::npos || space < slash) {
    return std::nullopt;
  }
  const auto from = parse_utc(text.substr(0, slash));
  const auto to = parse_utc(text.substr(slash + 1, space - slash - 1));
  const auto reason = text.substr(space + 1);
  if (!from || !to || *from >= *to || reason.empty()) return std::nullopt;
  return Exclusion{.from = *from, .to = *to, .reason = std::string(reason)};
}

std::vector<Exclusion> exclusions_of(const ManifestCommon& common) {
  std::vector<Exclusion> out;
  for (const auto& text : common.maintenance) {
    if (auto one = parse_exclusion(text)) out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace plumbline
