// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr auto kMetric =
    gauge("plumbline.clickhouse.metric",
          Unit::kEntry,
          "What the server counts now, by its own names: connections, pools, sessions, delayed "
          "inserts; the name tells the unit.",
          "system.metrics",
          server_and("plumbline.clickhouse.metric.name"));
inline constexpr auto kEvents =
    counter("plumbline.clickhouse.events",
            Unit::kEvent,
            "What the server has counted since it started, by its own names: inserts rejected and "
            "delayed, failed queries, merged rows; the name tells the unit.",
            "system.events",
            server_and("plumbline.clickhouse.event.name"));
inline constexpr auto kErrors = counter("plumbline.clickhouse.errors",
                                        Unit::kError,
                                        "Errors by name; the last message is an event.",
                                        "system.errors value",
                                        server_and("plumbline.clickhouse.error.name"));
inline constexpr auto kMemoryUsage = amount("plumbline.clickhouse.memory.usage",
                                            Unit::kBytes,
                                            "Memory as the server's own tracker has it.",
                                            "system.metrics MemoryTracking",
                                            kServerKeys);
inline constexpr auto kMemoryLimit = amount("plumbline.clickhouse.memory.limit",
                                            Unit::kBytes,
                                            "What the tracker allows; absent when it has no limit.",
                                            "system.server_settings max_server_memory_usage",
                                            kServerKeys);
inline constexpr auto kBuild = gauge("plumbline.clickhouse.build",
                                     Unit::kOne,
                                     "1, with the version: differs within a cluster on drift.",
                                     "version()",
                                     server_and("plumbline.clickhouse.version"));
inline constexpr auto kSettingsChanged =
    gauge("plumbline.clickhouse.settings.changed",
          Unit::kEntry,
          "Settings that differ from their default, with a fingerprint of them: differs within a "
          "cluster on drift.",
          "system.settings changed",
          server_and("plumbline.clickhouse.settings.fingerprint"));

// What the agent itself finds and costs.
inline constexpr auto kUp = gauge("plumbline.clickhouse.up",
                                  Unit::kOne,
                                  "1 when the server answered at the last try, 0 when it did not.",
                                  "the agent",
                                  kServerKeys);
inline constexpr auto kUptime = gauge("plumbline.clickhouse.uptime",
                                      Unit::kSeconds,
                                      "Time since the server started.",
                                      "uptime()",
                                      kServerKeys);
inline constexpr auto kCheckCoverage =
    gauge("plumbline.clickhouse.check.coverage",
          Unit::kOne,
          "How far a check can be made on this server: 1 available, 0.5 degraded, 0 unavailable; "
          "`plumbline doctor` tells why.",
          "system.columns",
          server_and("plumbline.clickhouse.check.name"));
inline constexpr auto kCheckTime =
    counter("plumbline.clickhouse.check.time",
            Unit::kSeconds,
            "How long the server took for the agent's own queries, by check.",
            "the agent",
            server_and("plumbline.clickhouse.check.name"));
inline constexpr auto kCheckRows =
    counter("plumbline.clickhouse.check.rows",
            Unit::kRow,
            "Rows the server read for the agent's own queries, by check; absent where servers do "
            "not tell.",
            "header X-ClickHouse-Summary",
            server_and("plumbline.clickhouse.check.name"));
inline constexpr auto kCheckFailures = counter("plumbline.clickhouse.check.failures",
                                               Unit::kError,
                                               "The agent's own queries that failed, by check.",
                                               "the agent",
                                               server_and("plumbline.clickhouse.check.name"));
inline constexpr auto kFailures = counter("plumbline.clickhouse.failures",
                                          Unit::kEvent,
                                          "Failure texts seen by check, repeated ones included.",
                                          "the agent",
                                          server_and("plumbline.clickhouse.check.name"));

inline constexpr std::array kServerMetrics{kMetric,
                                           kEvents,
                                           kErrors,
                                           kMemoryUsage,
                                           kMemoryLimit,
                                           kBuild,
                                           kSettingsChanged,
                                           kUp,
                                           kUptime,
                                           kCheckCoverage,
                                           kCheckTime,
                                           kCheckRows,
                                           kCheckFailures,
                                           kFailures};

}  // namespace plumbline::clickhouse
