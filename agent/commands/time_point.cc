// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/time_point.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "agent/config/quantity.h"

namespace plumbline {
namespace {

constexpr UnixNanos kSecond = 1'000'000'000ULL;
// 2262: what a signed number of nanoseconds holds, as the journal keeps it.
constexpr std::int64_t kLastSecond = 9'223'372'036;

std::optional<UnixNanos> from_seconds(std::int64_t seconds, UnixNanos nanos = 0) {
  if (seconds < 0 || seconds >= kLastSecond) return std::nullopt;
  return static_cast<UnixNanos>(seconds) * kSecond + nanos;
}

// Takes what it understands off the front of a text. What does not fit leaves the text as it is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // Exactly so many digits, from `least` to `most`.
  std::optional<int> number(std::size_t digits, int least, int most) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value < least || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  // ".25" as nanoseconds; nothing is 0. Digits beyond the ninth do not count.
  std::optional<UnixNanos> fraction() {
    if (!take('.')) return 0;
    UnixNanos nanos = 0;
    auto place = kSecond / 10;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      nanos += static_cast<UnixNanos>(rest_.front() - '0') * place;
      place /= 10;
      rest_.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    return nanos;
  }

 private:
  std::string_view rest_;
};

std::optional<UnixNanos> ago(std::string_view text, UnixNanos now) {
  const auto milliseconds = parse_duration(text);
  if (!milliseconds || *milliseconds > now / 1'000'000) return std::nullopt;
  return now - *milliseconds * 1'000'000;
}

// Seconds have nine digits from 1973 and ten until 2286, so the length tells the unit. Less is no
// time that anybody means, but for 0.
std::optional<UnixNanos> epoch(std::string_view text) {
  const auto digits = std::min(text.find('.'), text.size());
  const auto whole = parse_count(text.substr(0, digits));
  if (!whole || digits > 19 || (digits < 9 && text != "0")) return std::nullopt;
  if (digits < text.size()) {
    Scanner scanner(text.substr(digits));
    const auto nanos = scanner.fraction();
    if (digits > 10 || !nanos || !scanner.at_end()) return std::nullopt;
    return from_seconds(static_cast<std::int64_t>(*whole), *nanos);
  }
  UnixNanos unit = 1;
  if (digits <= 16) unit = 1'000;
  if (digits <= 13) unit = 1'000'000;
  if (digits <= 10) unit = kSecond;
  if (*whole > static_cast<UnixNanos>(kLastSecond) * kSecond / unit) return std::nullopt;
  return *whole * unit;
}

struct ClockTime {
  int hour = 0;
  int minute = 0;
  int second = 0;
  UnixNanos nanos = 0;
};

// "14:05", "14:05:30", "14:05:30.25".
std::optional<ClockTime> clock_time(Scanner& scanner) {
  const auto hour = scanner.number(2, 0, 23);
  if (!hour || !scanner.take(':')) return std::nullopt;
  const auto minute = scanner.number(2, 0, 59);
  if (!minute) return std::nullopt;
  ClockTime time{.hour = *hour, .minute = *minute};
  if (!scanner.take(':')) return time;
  // 60: a leap second; it is the first second of the next minute.
  const auto second = scanner.number(2, 0, 60);
  const auto nanos = second ? scanner.fraction() : std::nullopt;
  if (!nanos) return std::nullopt;
  time.second = *second;
  time.nanos = *nanos;
  return time;
}

bool set_date(Scanner& scanner, std::tm& date) {
  const auto year = scanner.number(4, 1970, 2262);
  if (!year || !scanner.take('-')) return false;
  const auto month = scanner.number(2, 1, 12);
  if (!month || !scanner.take('-')) return false;
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  const std::array days{31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto day = scanner.number(2, 1, days.at(static_cast<std::size_t>(*month) - 1));
  if (!day) return false;
  date.tm_year = *year - 1900;
  date.tm_mon = *month - 1;
  date.tm_mday = *day;
  return true;
}

void set_clock(const ClockTime& time, std::tm& date) {
  date.tm_hour = time.hour;
  date.tm_min = time.minute;
  date.tm_sec = time.second;
  date.tm_isdst = -1;
}

// Seconds east of Greenwich: "Z", "+01:00".
std::optional<int> zone(Scanner& scanner) {
  if (scanner.take('Z') || scanner.take('z')) return 0;
  const bool east = scanner.take('+');
  if (!east && !scanner.take('-')) return std::nullopt;
  const auto hours = scanner.number(2, 0, 23);
  if (!hours || !scanner.take(':')) return std::nullopt;
  const auto minutes = scanner.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  return (east ? 60 : -60) * (*hours * 60 + *minutes);
}

std::optional<UnixNanos> date_time(std::string_view text) {
  Scanner scanner(text);
  std::tm date{};
  if (!set_date(scanner, date)) return std::nullopt;
  ClockTime time;
  if (!scanner.at_end()) {
    if (!scanner.take('T') && !scanner.take('t') && !scanner.take(' ')) return std::nullopt;
    const auto clock = clock_time(scanner);
    if (!clock) return std::nullopt;
    time = *clock;
  }
  set_clock(time, date);
  if (scanner.at_end()) return from_seconds(std::mktime(&date), time.nanos);
  const auto offset = zone(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  return from_seconds(::timegm(&date) - *offset, time.nanos);
}

// Of today or yesterday, as the local calendar has it.
std::optional<UnixNanos> of_a_day(std::string_view text, UnixNanos now) {
  Scanner scanner(text);
  const bool yesterday = scanner.take("yesterday ");
  const auto time = clock_time(scanner);
  if (!time || !scanner.at_end()) return std::nullopt;
  const auto today = static_cast<std::time_t>(now / kSecond);
  std::tm local{};
  if (::localtime_r(&today, &local) == nullptr) return std::nullopt;
  local.tm_mday -= yesterday ? 1 : 0;
  set_clock(*time, local);
  return from_seconds(std::mktime(&local), time->nanos);
}

}  // namespace

Result<UnixNanos> parse_time(std::string_view text, UnixNanos now) {
  constexpr std::string_view kAgo = " ago";
  if (text == "now") return now;
  std::optional<UnixNanos> time;
  if (text.ends_with(kAgo)) {
    time = ago(text.substr(0, text.size() - kAgo.size()), now);
  } else if (text.starts_with('-')) {
    time = ago(text.substr(1), now);
  } else {
    time = date_time(text);
    if (!time) time = of_a_day(text, now);
    if (!time) time = epoch(text);
    if (!time) time = ago(text, now);
  }
  if (time) return *time;
  return Error{
      .code = Errc::kMalformed,
      .what = fmt::format("\"{}\" is no time; expected \"3m ago\", \"14:05\", \"yesterday 14:05\", "
                          "\"2026-11-21 14:05\", 2026-11-21T14:05:30Z or seconds since 1970",
                          text)};
}

Result<double> parse_speed(std::string_view text) {
  if (text == "max") return 0.0;
  double speed = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), speed);
  const std::string_view rest(read.ptr,
                              static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  // Slower than a thousandth is a mistake; the upper bound keeps the arithmetic exact.
  if (read.ec == std::errc() && rest == "x" && speed >= 0.001 && speed <= 1e6) return speed;
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("\"{}\" is no speed; expected max, 1x, 10x or the like", text)};
}

std::string format_exact_time(UnixNanos time) {
  auto text =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(time / kSecond)));
  const auto nanos = time % kSecond;
  if (nanos != 0) {
    auto digits = fmt::format("{:09}", nanos);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text + "Z";
}

}  // namespace plumbline
