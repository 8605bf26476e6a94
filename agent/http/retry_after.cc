// SPDX-License-Identifier: Apache-2.0
#include "agent/http/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "agent/http/text.h"

namespace plumbline {
namespace {

constexpr std::chrono::seconds kYear = std::chrono::hours(24 * 365);
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kPattern = "www, dd mmm yyyy hh:mm:ss GMT";

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool has_fixed_characters(std::string_view text) {
  return text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' ' &&
         text[19] == ':' && text[22] == ':' && text.substr(25) == " GMT";
}

// Seconds since 1970 of an IMF-fixdate (RFC 9110 section 5.6.7).
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
  if (text.size() != kPattern.size() || !has_fixed_characters(text)) return std::nullopt;
  if (std::find(kDays.begin(), kDays.end(), text.substr(0, 3)) == kDays.end()) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const auto day = digits(text.substr(5, 2));
  const auto year = digits(text.substr(12, 4));
  const auto hour = digits(text.substr(17, 2));
  const auto minute = digits(text.substr(20, 2));
  const auto second = digits(text.substr(23, 2));
  if (!day || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_retry_after(std::string_view text, UnixNanos now) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::uint64_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem != std::errc{} || seconds > static_cast<std::uint64_t>(kYear.count())) return kYear;
    return std::chrono::seconds(seconds);
  }
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  const auto wait = date->time_since_epoch() - std::chrono::seconds(now / 1'000'000'000U);
  return std::clamp<std::chrono::seconds>(wait, std::chrono::seconds(0), kYear);
}

}  // namespace plumbline
