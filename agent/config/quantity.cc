// SPDX-License-Identifier: Apache-2.0
#include "agent/config/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace plumbline {
namespace {

struct UnitName {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kTimes{UnitName{"ms", 1},
                            UnitName{"s", 1'000},
                            UnitName{"m", 60'000},
                            UnitName{"h", 3'600'000},
                            UnitName{"d", 86'400'000}};
constexpr std::array kSizes{UnitName{"B", 1},
                            UnitName{"KiB", 1U << 10U},
                            UnitName{"MiB", 1U << 20U},
                            UnitName{"GiB", 1U << 30U},
                            UnitName{"kB", 1'000},
                            UnitName{"MB", 1'000'000},
                            UnitName{"GB", 1'000'000'000}};

// Beyond this a double no longer counts in ones.
constexpr double kMaxExact = 9.0e15;

std::optional<std::uint64_t> factor_of(std::span<const UnitName> units, std::string_view name) {
  const auto* const found = std::find_if(
      units.data(), units.data() + units.size(), [&](auto unit) { return unit.name == name; });
  if (found == units.data() + units.size()) return std::nullopt;
  return found->factor;
}

bool is_number_character(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

Error malformed(std::string sentence) {
  return {.code = Errc::kMalformed, .what = std::move(sentence)};
}

// One number with its unit at the front of `text`, which is shortened by them.
struct Part {
  double number;
  std::string_view unit;
};

std::optional<Part> take_part(std::string_view& text) {
  const auto* const digits_end = std::find_if_not(text.begin(), text.end(), is_number_character);
  double number = 0;
  const auto read = std::from_chars(text.data(), digits_end, number, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != digits_end) return std::nullopt;
  const auto* const unit_end = std::find_if(digits_end, text.end(), is_number_character);
  const Part part{number, {digits_end, unit_end}};
  text = {unit_end, text.end()};
  return part;
}

Result<std::uint64_t> parse_quantity(std::string_view text,
                                     std::string_view noun,
                                     std::span<const UnitName> units,
                                     std::span<const UnitName> other_units,
                                     std::string_view other_noun) {
  const auto whole = text;
  double sum = 0;
  if (text.empty()) return malformed(fmt::format("\"\" is not a {}", noun));
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return malformed(fmt::format("\"{}\" is not a {}", whole, noun));
    if (part->unit.empty()) return malformed(fmt::format("\"{}\" has no unit", whole));
    const auto factor = factor_of(units, part->unit);
    if (!factor) {
      return malformed(factor_of(other_units, part->unit)
                           ? fmt::format("\"{}\" is a {}, not a {}", whole, other_noun, noun)
                           : fmt::format("\"{}\" is not a unit of a {}", part->unit, noun));
    }
    sum += part->number * static_cast<double>(*factor);
  }
  if (!(sum < kMaxExact)) return malformed(fmt::format("\"{}\" is too much", whole));
  const auto rounded = std::round(sum);
  // 1.1 s is 1100.0000000000002 ms in binary.
  if (std::abs(sum - rounded) > 1e-6) {
    return malformed(fmt::format("\"{}\" is finer than one {}", whole, units.front().name));
  }
  return static_cast<std::uint64_t>(rounded);
}

std::string format_quantity(std::uint64_t value, std::span<const UnitName> units) {
  auto best = units.front();
  for (const auto& unit : units) {
    if (value != 0 && value % unit.factor == 0 && unit.factor > best.factor) best = unit;
  }
  return fmt::format("{}{}", value / best.factor, best.name);
}

}  // namespace

Result<std::uint64_t> parse_duration(std::string_view text) {
  return parse_quantity(text, "duration", kTimes, kSizes, "size");
}

Result<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, "size", kSizes, kTimes, "duration");
}

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    return malformed(fmt::format("\"{}\" is too much", text));
  }
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return malformed(fmt::format("\"{}\" is not a whole number", text));
  }
  return value;
}

Result<std::uint64_t> parse_percent(std::string_view text) {
  constexpr std::size_t kDecimals = 4;
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto decimals = point == std::string_view::npos ? "0" : text.substr(point + 1);
  const auto number = parse_count(whole);
  const auto fraction = parse_count(decimals);
  if (!number || !fraction || *number > 1'000'000) {
    return malformed(fmt::format("\"{}\" is not a percentage", text));
  }
  if (decimals.size() > kDecimals) {
    return malformed(fmt::format("\"{}\" has more than {} decimals", text, kDecimals));
  }
  return *number * 10'000 + parse_count(fmt::format("{:0<4}", decimals)).value();
}

std::string format_duration(std::uint64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  return format_quantity(milliseconds, kTimes);
}

std::string format_percent(std::uint64_t parts_per_million) {
  auto text = fmt::format("{}.{:04}", parts_per_million / 10'000, parts_per_million % 10'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// Powers of two as they are meant, everything else in decimal units or bytes.
std::string format_size(std::uint64_t bytes) {
  const auto binary = format_quantity(bytes, std::span(kSizes).first(4));
  return binary.ends_with("iB") ? binary : format_quantity(bytes, kSizes);
}

}  // namespace plumbline
