// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/emit.h"

#include <array>
#include <optional>

#include <fmt/format.h>

namespace plumbline::clickhouse {
namespace {

using Role = Column::Role;

Attributes speaker_of(const Cell& host, const Speaker& speaker) {
  if (speaker.is_cluster) return {host.value_or(""), 0};
  return {speaker.address, speaker.port};
}

}  // namespace

void append(const Batch& from, Batch& to) {
  for (const auto& point : from.points()) {
    if (is_integral(point.series->spec().unit)) {
      to.add(point.series, point.value.integer);
    } else {
      to.add(point.series, point.value.real);
    }
  }
  for (std::size_t i = 0; i < from.histogram_count(); ++i) {
    to.add(from.histogram_series(i), from.histogram(i));
  }
}

void Attributes::add(const Cell& label) {
  texts_.push_back(valid_utf8(std::string_view(label.value_or("")).substr(0, kMaxBytes)));
  present_.push_back(label.has_value());
}

void Attributes::add(std::string_view text) {
  add(Cell(std::string(text)));
}

std::string Attributes::subject() const {
  std::string out;
  for (std::size_t i = 1; i < texts_.size(); ++i) {
    if (texts_[i].empty()) continue;
    if (!out.empty()) out.push_back('.');
    out += texts_[i];
  }
  return out;
}

std::string Attributes::key() const {
  std::string out;
  for (const auto& text : texts_) out.append(text).push_back('\0');
  return out;
}

const SeriesRef& Attributes::series(SeriesTable& table,
                                    UnixNanos start,
                                    const MetricSpec& metric) const {
  std::array<AttributeValue, AttributeKeys::kMax> values{};
  values[0] = std::string_view(texts_.front());
  if (port_ > 0) values[1] = port_;
  for (std::size_t i = 1; i < texts_.size() && i + 1 < values.size(); ++i) {
    if (present_[i]) values[i + 1] = std::string_view(texts_[i]);
  }
  return table.get_since(
      start, metric, {values[0], values[1], values[2], values[3], values[4], values[5]});
}

Fields Attributes::fields(const MetricSpec& metric) const {
  Fields out;
  const auto& keys = metric.attributes;
  if (keys.size() > 0) out.emplace_back(keys[0], texts_.front());
  if (keys.size() > 1 && port_ > 0) out.emplace_back(keys[1], port_);
  for (std::size_t i = 1; i < texts_.size() && i + 1 < keys.size(); ++i) {
    if (present_[i]) out.emplace_back(keys[i + 1], texts_[i]);
  }
  return out;
}

Attributes attributes_of(const LogCounts::Group& group, const Speaker& speaker) {
  auto out = speaker_of(group.labels.front(), speaker);
  for (std::size_t i = 1; i < group.labels.size(); ++i) out.add(group.labels[i]);
  return out;
}

Result<> read_rows(const Plan& plan,
                   const Table& answer,
                   const Speaker& speaker,
                   const RowSink& sink) {
  if (answer.names.size() != 1 + plan.columns.size()) {
    return Error{.code = Errc::kMalformed, .what = "the answer has not the columns asked for"};
  }
  std::optional<Error> problem;
  for (const auto& row : answer.rows) {
    auto attributes = speaker_of(row[0], speaker);
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (plan.columns[i]->role == Role::kLabel) attributes.add(row[i + 1]);
    }
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      const auto& column = *plan.columns[i];
      const auto& cell = row[i + 1];
      if (!cell) continue;
      if (column.role == Role::kFailure && !cell->empty()) sink.failure(attributes, *cell);
      if (column.role != Role::kValue) continue;
      if (const auto number = read_number(*cell)) {
        sink.value(attributes, *column.metric, *number);
      } else if (*cell != "nan" && *cell != "inf" && *cell != "-inf") {
        problem =
            Error{.code = Errc::kMalformed,
                  .what = fmt::format(
                      "{} has the type {}, which is no number", column.sql, answer.types[i + 1])};
      }
    }
  }
  if (problem) return std::move(*problem);
  return {};
}

}  // namespace plumbline::clickhouse
