// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/readable.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "agent/core/log.h"
#include "exporters/stdout/attributes.h"
#include "exporters/stdout/points.h"
#include "exporters/stdout/quantity.h"

namespace plumbline {
namespace {

struct Line {
  std::string metric;
  std::string attributes;
  std::string value;
};

// What a histogram's quantiles and name must still have room beside.
constexpr std::size_t kAttributesMin = 16;

std::string histogram_text(const ReadPoint::Histogram& histogram, std::string_view unit) {
  auto view = histogram.head;
  view.buckets = histogram.buckets;
  if (view.count == 0) return "0 times";
  auto text = fmt::format(
      "{} times, mean {}", view.count, quantity(view.sum / static_cast<double>(view.count), unit));
  if (view.buckets.empty() && view.zero_count == 0) return text;
  return fmt::format("{}, p50 {}, p99 {}",
                     text,
                     quantity(quantile(view, 0.5), unit),
                     quantity(quantile(view, 0.99), unit));
}

std::string value_of(const ReadPoint& point) {
  const auto unit = clean_text(point.unit);
  if (const auto* whole = std::get_if<std::int64_t>(&point.value)) return quantity(*whole, unit);
  if (const auto* real = std::get_if<double>(&point.value)) return quantity(*real, unit);
  if (const auto* histogram = std::get_if<ReadPoint::Histogram>(&point.value)) {
    return histogram_text(*histogram, unit);
  }
  return "gone";
}

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

// In characters: every one is taken to be one column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

// `text` in exactly `width` columns.
std::string fitted(std::string_view text, std::size_t width) {
  const auto length = width_of(text);
  if (length <= width) return std::string(text) + std::string(width - length, ' ');
  std::size_t end = 0;
  std::size_t characters = 0;
  for (; end < text.size(); ++end) {
    if (starts_character(text[end]) && characters++ == width - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

struct Widths {
  std::size_t metric = 0;
  std::size_t attributes = 0;
};

Widths widths_of(const std::vector<Line>& lines, std::size_t width) {
  Widths widths;
  std::size_t value = 0;
  for (const auto& line : lines) {
    widths.metric = std::max(widths.metric, width_of(line.metric));
    widths.attributes = std::max(widths.attributes, width_of(line.attributes));
    value = std::max(value, width_of(line.value));
  }
  const auto others = widths.metric + value + 4;  // two gaps of two
  if (width == 0 || others + widths.attributes <= width) return widths;
  const auto room = width > others ? width - others : 0;
  widths.attributes = std::min(widths.attributes, std::max(room, kAttributesMin));
  return widths;
}

std::string table_of(UnixNanos time, const std::vector<Line>& lines, const TableStyle& style) {
  const bool coloured = style.colour == Colour::kOn;
  const auto bold = coloured ? "\x1b[1m" : "";
  const auto dim = coloured ? "\x1b[2m" : "";
  const auto plain = coloured ? "\x1b[0m" : "";
  std::set<std::string_view> metrics;
  for (const auto& line : lines) metrics.insert(line.metric);
  const auto widths = widths_of(lines, style.width);
  auto out = fmt::format("{}{}  {} metrics, {} points{}\n",
                         dim,
                         format_time(time),
                         metrics.size(),
                         lines.size(),
                         plain);
  const std::string* above = nullptr;
  for (const auto& line : lines) {
    const bool again = above != nullptr && *above == line.metric;  // a name is shown once
    fmt::format_to(std::back_inserter(out),
                   "{}{}{}  {}  {}\n",
                   bold,
                   fitted(again ? "" : line.metric, widths.metric),
                   plain,
                   fitted(line.attributes, widths.attributes),
                   line.value);
    above = &line.metric;
  }
  return out;
}

}  // namespace

Result<std::string> readable_metrics(std::string_view request, const TableStyle& style) {
  auto points = read_points(request);
  if (!points) return std::move(points).error();
  if (points.value().empty()) return std::string();
  UnixNanos time = 0;
  std::vector<Line> lines;
  lines.reserve(points.value().size());
  for (const auto& point : points.value()) {
    time = std::max(time, point.time);
    lines.push_back({.metric = clean_text(point.metric),
                     .attributes = attribute_line(point.attributes),
                     .value = value_of(point)});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.metric, a.attributes) < std::tie(b.metric, b.attributes);
  });
  return table_of(time, lines, style);
}

}  // namespace plumbline
