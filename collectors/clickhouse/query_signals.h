// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr AttributeKeys kPayerKeys{"server.address",
                                          "server.port",
                                          "plumbline.clickhouse.user",
                                          "plumbline.team",
                                          "db.operation.name"};
inline constexpr AttributeKeys kShapeKeys{"server.address",
                                          "server.port",
                                          "db.operation.name",
                                          "plumbline.clickhouse.query.hash",
                                          "db.query.summary"};

inline constexpr MetricSpec kQueryDuration{
    .name = "db.client.operation.duration",
    .instrument = Instrument::kHistogram,
    .unit = Unit::kSeconds,
    .description = "Duration of queries that clients sent, as the server saw it.",
    .source = "system.query_log query_duration_ms",
    .attributes = {"server.address",
                   "server.port",
                   "db.system.name",
                   "plumbline.clickhouse.user",
                   "db.operation.name",
                   "error.type"}};

inline constexpr auto kPaidQueries = counter("plumbline.clickhouse.query.count",
                                             Unit::kQuery,
                                             "Queries by user, team and kind.",
                                             "system.query_log",
                                             kPayerKeys);
inline constexpr auto kPaidFailures = counter("plumbline.clickhouse.query.failures",
                                              Unit::kQuery,
                                              "Those of them that failed.",
                                              "system.query_log type",
                                              kPayerKeys);
inline constexpr auto kPaidTime = counter("plumbline.clickhouse.query.time",
                                          Unit::kSeconds,
                                          "Time these queries took.",
                                          "system.query_log query_duration_ms",
                                          kPayerKeys);
inline constexpr auto kPaidCpu = counter("plumbline.clickhouse.query.cpu.time",
                                         Unit::kSeconds,
                                         "CPU time of these queries.",
                                         "system.query_log ProfileEvents "
                                         "OSCPUVirtualTimeMicroseconds",
                                         kPayerKeys);
inline constexpr auto kPaidReadRows = counter("plumbline.clickhouse.query.read.rows",
                                              Unit::kRow,
                                              "Rows these queries read.",
                                              "system.query_log read_rows",
                                              kPayerKeys);
inline constexpr auto kPaidReadSize = counter("plumbline.clickhouse.query.read.size",
                                              Unit::kBytes,
                                              "Bytes these queries read, uncompressed.",
                                              "system.query_log read_bytes",
                                              kPayerKeys);
inline constexpr auto kPaidWritten = counter("plumbline.clickhouse.query.written.size",
                                             Unit::kBytes,
                                             "Bytes these queries wrote, uncompressed.",
                                             "system.query_log written_bytes",
                                             kPayerKeys);

inline constexpr auto kShapeTime =
    counter("plumbline.clickhouse.query_shape.time",
            Unit::kSeconds,
            "Time of the dearest normalized queries; how many have series is configured.",
            "system.query_log normalized_query_hash",
            kShapeKeys);
inline constexpr auto kShapeQueries = counter("plumbline.clickhouse.query_shape.count",
                                              Unit::kQuery,
                                              "How often they ran.",
                                              "system.query_log",
                                              kShapeKeys);
inline constexpr auto kShapeFailures = counter("plumbline.clickhouse.query_shape.failures",
                                               Unit::kQuery,
                                               "How often they failed.",
                                               "system.query_log type",
                                               kShapeKeys);
inline constexpr auto kShapeCpu = counter("plumbline.clickhouse.query_shape.cpu.time",
                                          Unit::kSeconds,
                                          "Their CPU time.",
                                          "system.query_log ProfileEvents "
                                          "OSCPUVirtualTimeMicroseconds",
                                          kShapeKeys);
inline constexpr auto kShapeReadSize = counter("plumbline.clickhouse.query_shape.read.size",
                                               Unit::kBytes,
                                               "Bytes they read, uncompressed.",
                                               "system.query_log read_bytes",
                                               kShapeKeys);

inline constexpr std::array kQueryMetrics{kQueryDuration,
                                          kPaidQueries,
                                          kPaidFailures,
                                          kPaidTime,
                                          kPaidCpu,
                                          kPaidReadRows,
                                          kPaidReadSize,
                                          kPaidWritten,
                                          kShapeTime,
                                          kShapeQueries,
                                          kShapeFailures,
                                          kShapeCpu,
                                          kShapeReadSize};

}  // namespace plumbline::clickhouse
