// SPDX-License-Identifier: Apache-2.0
//
// Single queries: those that failed, those that were slow, and some of the others, as spans.
#include <array>

#include "collectors/clickhouse/check.h"

namespace plumbline::clickhouse {
namespace {

// Identities are numbers here; a trace is a UUID.
constexpr std::array kSpanFields{
    field("time", "finish_time_us", "finish_time_us"),
    field("id", "toString(span_id)", "span_id"),
    field("trace", "replaceAll(toString(trace_id), '-', '')", "trace_id"),
    field("parent", "toString(parent_span_id)", "parent_span_id"),
    field("name", "operation_name", "operation_name"),
    field("kind", "toString(kind)", "kind", "''"),
    field("start", "start_time_us", "start_time_us"),
    field("status", "toString(status_code)", "status_code", "''"),
    field("status_message", "substring(status_message, 1, 500)", "status_message", "''"),
    field("keys", "arrayStringConcat(attribute.names, '\\0')", "attribute.names"),
    field("values",
          "arrayStringConcat(arrayMap(v -> substring(v, 1, 2000), attribute.values), '\\0')",
          "attribute.values"),
};

// A trace is shown whole: one span of it that failed or was slow is enough. Spans end before their
// parents, so they are looked at again as long as rows may come late.
constexpr std::string_view kSpanWhere =
    "finish_date >= toDate(toDateTime({since})) AND ({sampled} OR {traces} AND trace_id GLOBAL IN "
    "(SELECT "
    "trace_id "
    "FROM {table} WHERE finish_date >= toDate(toDateTime({since})) AND finish_time_us >= {after} "
    "AND (finish_time_us - start_time_us >= {slow} * 1000 OR has(attribute.names, "
    "'clickhouse.exception_code') AND attribute.values[indexOf(attribute.names, "
    "'clickhouse.exception_code')] != '0')))";

// The caller's span: the span log has it when the client sent it in the protocol. What the query
// log has of it is what a client says there: a query_id that is a traceparent, one in log_comment,
// or a comment in the query as sqlcommenter writes it.
constexpr std::string_view kCaller =
    "multiIf(match(query_id, '^{traceparent}$'), query_id, match(log_comment, '{traceparent}'), "
    "extract(log_comment, '{traceparent}'), "
    "extract(query, '/[*][^*]*traceparent=.({traceparent})'))";
constexpr std::string_view kCallerWithoutComment =
    "if(match(query_id, '^{traceparent}$'), query_id, "
    "extract(query, '/[*][^*]*traceparent=.({traceparent})'))";

// The same row gives the same identity at every look, and after a restart.
constexpr std::string_view kQueryIdentity =
    "lower(hex(substring(sipHash128(concat(query_id, ':', toString(query_start_time), ':', "
    "toString(query_duration_ms), ':', toString(toInt8(type)))), 1, 8)))";

constexpr std::array kQueryFields{
    field("time",
          "toUnixTimestamp64Micro(event_time_microseconds)",
          "event_time_microseconds",
          "toInt64(toUnixTimestamp(event_time)) * 1000000"),
    field("id", kQueryIdentity, "query_id"),
    field("caller", kCaller, "log_comment", kCallerWithoutComment),
    field("trace",
          "if(r_caller = '', lower(hex(sipHash128(query_id))), substring(r_caller, 4, 32))",
          "query_id"),
    field("own",
          "log_comment = 'plumbline' OR http_user_agent = 'plumbline'",
          "log_comment http_user_agent",
          "http_user_agent = 'plumbline'"),
    field("start",
          "toUnixTimestamp64Micro(query_start_time_microseconds)",
          "query_start_time_microseconds",
          "toInt64(toUnixTimestamp(query_start_time)) * 1000000"),
    field("duration", "query_duration_ms", "query_duration_ms"),
    field("failed", "toInt8(type) > 2", "type"),
    field("code", "exception_code", "exception_code", "extract(exception, '^Code: ([0-9]+)')"),
    field("exception", "substring(exception, 1, 1000)", "exception"),
    field("query", "substring(query, 1, 4000)", "query"),
    field("query_id", "query_id", "query_id"),
    field("operation", "upper(query_kind)", "query_kind", "upper(extract(query, '([a-zA-Z]+)'))"),
    field("tables", "arrayStringConcat(arraySlice(tables, 1, 3), ' ')", "tables", "''"),
    field("database", "current_database", "current_database", "''"),
    field("user", "user", "user"),
    field("result_rows", "result_rows", "result_rows"),
    field("read_rows", "read_rows", "read_rows"),
    field("read_size", "read_bytes", "read_bytes"),
    field("memory", "memory_usage", "memory_usage"),
};

// A caller who does not record its trace gets no span of ours either, unless something is wrong.
constexpr std::string_view kQueryWhere =
    "event_date >= toDate(toDateTime({since})) AND event_time >= toDateTime({since}) AND "
    "toInt8(type) >= 2 AND is_initial_query AND NOT r_own AND (r_failed OR {slow_queries} OR "
    "({sampled} AND substring(r_caller, 54) IN ('', '01')))";

constexpr std::array kChecks{
    Check{.signal = "clickhouse.spans",
          .table = "opentelemetry_span_log",
          .what = "where inside the server the time of a traced query goes",
          .shape = Shape::kRecords,
          .columns = kSpanFields,
          .where = kSpanWhere,
          .needs = "trace_id span_id parent_span_id operation_name start_time_us finish_time_us "
                   "finish_date attribute.names attribute.values",
          .advice = "servers write it when clients send a traceparent"},
    Check{.signal = "clickhouse.query_spans",
          .table = "query_log",
          .what = "single queries that failed or were slow, in the trace of their caller",
          .shape = Shape::kRecords,
          .columns = kQueryFields,
          .where = kQueryWhere,
          .needs = "type event_date event_time is_initial_query query query_id query_start_time "
                   "query_duration_ms exception user result_rows read_rows read_bytes memory_usage "
                   "http_user_agent",
          .advice = "servers write it when log_queries is on"},
};

}  // namespace

std::span<const Check> trace_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
