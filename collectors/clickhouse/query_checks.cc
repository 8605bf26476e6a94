// SPDX-License-Identifier: Apache-2.0
//
// The query log, by who pays, by what is asked and by how long it takes.
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/query_signals.h"

namespace plumbline::clickhouse {
namespace {

// Finished or failed, and sent by a client: parts of a distributed query are in it already.
constexpr std::string_view kEnded = "toInt8(type) >= 2 AND is_initial_query";
constexpr std::string_view kAdvice = "servers write it when log_queries is on";

constexpr std::string_view kKind = "upper(query_kind)";
constexpr std::string_view kFirstWord = "upper(extract(query, '([a-zA-Z]+)'))";
constexpr std::string_view kSeconds = "sum(query_duration_ms) / 1000";
constexpr std::string_view kCpuSeconds =
    "sum(ProfileEvents.Values[indexOf(ProfileEvents.Names, 'OSCPUVirtualTimeMicroseconds')]) / 1e6";

// Who says so first: the query itself, in log_comment as {"team": …} or as one word, then its quota
// key, then the configuration by user.
constexpr std::string_view kTeam =
    "multiIf(JSONExtractString(log_comment, 'team') != '', JSONExtractString(log_comment, 'team'), "
    "match(log_comment, '^[A-Za-z0-9_.:-]{1,64}$'), log_comment, quota_key != '', quota_key, "
    "{teams})";
constexpr std::string_view kTeamByQuota = "if(quota_key != '', quota_key, {teams})";

constexpr std::array kPayers{
    label("user", "user"),
    label(kTeam, "log_comment quota_key user", kTeamByQuota),
    label(kKind, "query_kind", kFirstWord),
    value(kPaidTime, kSeconds, "query_duration_ms"),
    value(kPaidQueries, "count()", "query_id"),
    value(kPaidFailures, "countIf(toInt8(type) > 2)", "type"),
    value(kPaidCpu, kCpuSeconds, "ProfileEvents.Values ProfileEvents.Names"),
    value(kPaidReadRows, "sum(read_rows)", "read_rows"),
    value(kPaidReadSize, "sum(read_bytes)", "read_bytes"),
    value(kPaidWritten, "sum(written_bytes)", "written_bytes"),
};

constexpr std::array kShapes{
    label(kKind, "query_kind"),
    label("lower(hex(normalized_query_hash))", "normalized_query_hash"),
    label("concat(upper(query_kind), ' ', arrayStringConcat(arraySlice(tables, 1, 3), ' '))",
          "query_kind tables"),
    value(kShapeTime, kSeconds, "query_duration_ms"),
    value(kShapeQueries, "count()", "query_id"),
    value(kShapeFailures, "countIf(toInt8(type) > 2)", "type"),
    value(kShapeCpu, kCpuSeconds, "ProfileEvents.Values ProfileEvents.Names"),
    value(kShapeReadSize, "sum(read_bytes)", "read_bytes"),
};

// The buckets are those of agent/core/histogram.h: index = ceil(log2(seconds) * 8) - 1. Durations
// are whole milliseconds; those of 0 have no bucket.
constexpr std::array kDurations{
    label("'clickhouse'", ""),
    label("user", "user"),
    label(kKind, "query_kind", kFirstWord),
    label("if(exception_code = 0, NULL, toString(exception_code))",
          "exception_code",
          "if(toInt8(type) = 2, NULL, '_OTHER')"),
    bucket(kQueryDuration,
           "if(query_duration_ms = 0, NULL, toInt32(ceil(log2(query_duration_ms / 1000) * 8)) - 1)",
           "query_duration_ms"),
    bucket_count("count()", "query_id"),
    bucket_sum(kSeconds, "query_duration_ms"),
};

constexpr std::array kChecks{
    Check{.signal = "clickhouse.query_cost",
          .table = "query_log",
          .shape = Shape::kLog,
          .columns = kPayers,
          .where = kEnded,
          .needs = "type is_initial_query query user quota_key query_duration_ms",
          .order = "sum(query_duration_ms) DESC",
          .advice = kAdvice},
    Check{.signal = "clickhouse.query_duration",
          .table = "query_log",
          .shape = Shape::kLog,
          .columns = kDurations,
          .where = kEnded,
          .needs = "type is_initial_query query user query_duration_ms",
          .order = "count() DESC",
          .advice = kAdvice},
    Check{
        .signal = "clickhouse.query_shapes",
        .table = "query_log",
        .shape = Shape::kLog,
        .columns = kShapes,
        .where = kEnded,
        .needs = "type is_initial_query query_kind normalized_query_hash query_duration_ms tables",
        .order = "sum(query_duration_ms) DESC",
        .advice = kAdvice,
        .budget = Budget::kQueryShapes},
};

}  // namespace

std::span<const Check> query_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
