// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/traces.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collectors/clickhouse/exception.h"
#include "collectors/clickhouse/sql.h"

namespace plumbline::clickhouse {
namespace {

constexpr UnixNanos kMicro = 1'000;
constexpr UnixNanos kMilli = 1'000'000;
// Names are whatever their owners chose.
constexpr std::size_t kMaxName = 200;

UnixNanos nanos(std::optional<std::int64_t> value, UnixNanos unit) {
  return value && *value > 0 ? static_cast<UnixNanos>(*value) * unit : 0;
}

void add(Fields& fields, std::string_view key, std::string_view text) {
  if (!text.empty()) fields.emplace_back(key, std::string(text.substr(0, kMaxName)));
}

void add(Fields& fields, std::string_view key, std::optional<std::int64_t> number) {
  if (number) fields.emplace_back(key, *number);
}

Fields server_fields(const Place& place) {
  Fields out{{"db.system.name", "clickhouse"}};
  add(out, "server.address", place.address);
  if (place.port > 0) out.emplace_back("server.port", place.port);
  return out;
}

// The eight bytes of a number as the server writes an identity.
std::optional<SpanId> span_id_of(std::string_view decimal) {
  std::uint64_t number = 0;
  const auto* const end = decimal.data() + decimal.size();
  const auto read = std::from_chars(decimal.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  SpanId id;
  for (auto& byte : std::views::reverse(id.bytes)) {
    byte = static_cast<std::uint8_t>(number);
    number >>= 8U;
  }
  return id;
}

// "SELECT db.table", as the conventions name a span of a database.
std::string name_of(const Record& record) {
  const auto operation = record.text("operation");
  const auto tables = record.text("tables");
  if (operation.empty()) return "query";
  return std::string(
      (tables.empty() ? std::string(operation) : fmt::format("{} {}", operation, tables))
          .substr(0, kMaxName));
}

void set_failed(Span& span, std::string_view code, std::string_view exception) {
  span.status = SpanStatus::kError;
  span.status_message = normalized(exception);
  add(span.attributes, "db.response.status_code", code);
  add(span.attributes, "error.type", code.empty() ? "_OTHER" : code);
}

SpanKind kind_of(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, SpanKind>, 4> kKinds{
      {{"SERVER", SpanKind::kServer},
       {"CLIENT", SpanKind::kClient},
       {"PRODUCER", SpanKind::kProducer},
       {"CONSUMER", SpanKind::kConsumer}}};
  for (const auto& [name, known] : kKinds) {
    if (name == kind) return known;
  }
  return SpanKind::kInternal;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\0', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Attributes of the server's own that say nothing of the data of a query.
bool is_harmless(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKnown{"clickhouse.query_id",
                                                   "clickhouse.query_status",
                                                   "clickhouse.http_method",
                                                   "clickhouse.host",
                                                   "clickhouse.cluster",
                                                   "clickhouse.database",
                                                   "clickhouse.table"};
  return std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end();
}

// One attribute of a row of the span log.
void take(std::string_view key, std::string_view value, Span& span) {
  if (key == "db.statement") {
    span.attributes.emplace_back("db.query.text", redacted_sql(value));
  } else if (key == "clickhouse.tracestate") {
    span.trace_state = value.substr(0, kMaxName);
  } else if (const auto number = read_integer(value);
             number && key != "clickhouse.exception_code") {
    add(span.attributes, key, number);
  } else if (is_harmless(key)) {
    add(span.attributes, key, value);
  }
}

std::string_view value_of(const std::vector<std::string_view>& keys,
                          const std::vector<std::string_view>& values,
                          std::string_view key) {
  const auto at = std::find(keys.begin(), keys.end(), key);
  return at == keys.end() ? std::string_view()
                          : values[static_cast<std::size_t>(at - keys.begin())];
}

}  // namespace

std::optional<Span> query_span(const Record& record, const Place& place) {
  const auto caller = parse_traceparent(record.text("caller"));
  const auto trace = caller ? caller->trace : TraceId::from_hex(record.text("trace"));
  const auto id = SpanId::from_hex(record.text("id"));
  if (!trace || !id) return std::nullopt;
  Span span{.trace = *trace, .id = *id, .name = name_of(record), .kind = SpanKind::kServer};
  if (caller) span.parent = caller->span;
  span.start = nanos(record.integer("start"), kMicro);
  span.end = span.start + nanos(record.integer("duration"), kMilli);
  span.attributes = server_fields(place);
  auto& fields = span.attributes;
  add(fields, "db.namespace", record.text("database"));
  add(fields, "db.operation.name", record.text("operation"));
  add(fields, "db.query.summary", span.name);
  fields.emplace_back("db.query.text", redacted_sql(record.text("query")));
  add(fields, "db.response.returned_rows", record.integer("result_rows"));
  add(fields, "plumbline.clickhouse.user", record.text("user"));
  add(fields, "plumbline.clickhouse.query.id", record.text("query_id"));
  add(fields, "plumbline.clickhouse.query.read.rows", record.integer("read_rows"));
  add(fields, "plumbline.clickhouse.query.read.size", record.integer("read_size"));
  add(fields, "plumbline.clickhouse.query.memory", record.integer("memory"));
  if (record.flag("failed")) set_failed(span, record.text("code"), record.text("exception"));
  span.subject.entity = place.entity;
  return span;
}

std::optional<Span> server_span(const Record& record, const Place& place) {
  const auto trace = TraceId::from_hex(record.text("trace"));
  const auto id = span_id_of(record.text("id"));
  if (!trace || !id || !*id) return std::nullopt;
  const auto keys = split(record.text("keys"));
  const auto values = split(record.text("values"));
  if (keys.size() != values.size()) return std::nullopt;
  Span span{.trace = *trace,
            .id = *id,
            .parent = span_id_of(record.text("parent")).value_or(SpanId{}),
            .name = std::string(record.text("name").substr(0, kMaxName)),
            .kind = kind_of(record.text("kind")),
            .start = nanos(record.integer("start"), kMicro),
            .end = nanos(record.integer("time"), kMicro),
            .attributes = server_fields(place),
            .subject = {.entity = place.entity, .group = {}}};
  for (std::size_t i = 0; i < keys.size(); ++i) take(keys[i], values[i], span);
  const auto code = value_of(keys, values, "clickhouse.exception_code");
  const auto exception = value_of(keys, values, "clickhouse.exception");
  if ((!code.empty() && code != "0") || record.text("status") == "ERROR") {
    set_failed(span, code, exception.empty() ? record.text("status_message") : exception);
  }
  return span;
}

Event query_failure(const Record& record, const Span& span) {
  Event event{.name = "plumbline.clickhouse.query.failure",
              .time = span.end,
              .severity = EventSeverity::kWarning,
              .body = span.status_message,
              .trace = span.trace,
              .span = span.id,
              .subject = span.subject};
  constexpr std::array<std::string_view, 8> kKept{"db.system.name",
                                                  "server.address",
                                                  "server.port",
                                                  "db.namespace",
                                                  "db.operation.name",
                                                  "db.query.text",
                                                  "db.response.status_code",
                                                  "error.type"};
  for (const auto& attribute : span.attributes) {
    if (std::find(kKept.begin(), kKept.end(), attribute.first) != kKept.end()) {
      event.attributes.push_back(attribute);
    }
  }
  add(event.attributes, "plumbline.clickhouse.user", record.text("user"));
  event.attributes.emplace_back("exception.message", span.status_message);
  return event;
}

}  // namespace plumbline::clickhouse
