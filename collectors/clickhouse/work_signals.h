// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr auto kMerges = amount("plumbline.clickhouse.merges",
                                       Unit::kTask,
                                       "Merges and mutations of parts that run now.",
                                       "system.merges",
                                       kTableKeys);
inline constexpr auto kMergeAge = gauge("plumbline.clickhouse.merge.age",
                                        Unit::kSeconds,
                                        "Time the longest merge of the table has run.",
                                        "system.merges elapsed",
                                        kTableKeys);
inline constexpr auto kMergeLeft =
    gauge("plumbline.clickhouse.merge.time_left",
          Unit::kSeconds,
          "When the last of these merges ends at its speed so far; absent before any progress.",
          "system.merges elapsed * (1 - progress) / progress",
          kTableKeys);
inline constexpr auto kMergeMemory = amount("plumbline.clickhouse.merge.memory",
                                            Unit::kBytes,
                                            "Memory of the merges of each table.",
                                            "system.merges memory_usage",
                                            kTableKeys);
inline constexpr auto kMutations = amount("plumbline.clickhouse.mutations.pending",
                                          Unit::kTask,
                                          "Mutations that are not done.",
                                          "system.mutations is_done = 0",
                                          kTableKeys);
inline constexpr auto kMutationsFailing =
    amount("plumbline.clickhouse.mutations.failing",
           Unit::kTask,
           "Pending mutations whose last try failed; the reason is an event.",
           "system.mutations latest_fail_reason",
           kTableKeys);
inline constexpr auto kMutationParts = amount("plumbline.clickhouse.mutations.parts",
                                              Unit::kPart,
                                              "Parts that pending mutations must still rewrite.",
                                              "system.mutations parts_to_do",
                                              kTableKeys);
inline constexpr auto kMutationAge = gauge("plumbline.clickhouse.mutation.age",
                                           Unit::kSeconds,
                                           "Age of the oldest pending mutation.",
                                           "system.mutations create_time",
                                           kTableKeys);
inline constexpr auto kQueries =
    amount("plumbline.clickhouse.queries",
           Unit::kQuery,
           "Queries that run now, by user and kind; not our own.",
           "system.processes",
           {"server.address", "server.port", "plumbline.clickhouse.user", "db.operation.name"});
inline constexpr auto kQueryAge =
    gauge("plumbline.clickhouse.query.age",
          Unit::kSeconds,
          "Time the longest running of these queries has taken.",
          "system.processes elapsed",
          {"server.address", "server.port", "plumbline.clickhouse.user", "db.operation.name"});
inline constexpr auto kQueryMemory =
    amount("plumbline.clickhouse.query.memory",
           Unit::kBytes,
           "Memory of the running queries.",
           "system.processes memory_usage",
           {"server.address", "server.port", "plumbline.clickhouse.user", "db.operation.name"});
inline constexpr auto kDictionarySize = amount("plumbline.clickhouse.dictionary.size",
                                               Unit::kBytes,
                                               "Memory of each dictionary.",
                                               "system.dictionaries bytes_allocated",
                                               kTableKeys);
inline constexpr auto kDictionaryFailed =
    gauge("plumbline.clickhouse.dictionary.failed",
          Unit::kOne,
          "1 for a dictionary whose last load failed; the reason is an event.",
          "system.dictionaries last_exception",
          kTableKeys);
inline constexpr auto kDictionaryAge =
    gauge("plumbline.clickhouse.dictionary.age",
          Unit::kSeconds,
          "Time since the dictionary was last loaded well; absent if it never was.",
          "system.dictionaries last_successful_update_time",
          kTableKeys);
inline constexpr auto kBackups = amount("plumbline.clickhouse.backups",
                                        Unit::kTask,
                                        "Backups and restores the server remembers, by status.",
                                        "system.backups",
                                        server_and("plumbline.clickhouse.backup.status"));
inline constexpr auto kBackupAge = gauge("plumbline.clickhouse.backup.age",
                                         Unit::kSeconds,
                                         "Time since the newest of these ended, or began.",
                                         "system.backups end_time, start_time",
                                         server_and("plumbline.clickhouse.backup.status"));

inline constexpr std::array kWorkMetrics{kMerges,
                                         kMergeAge,
                                         kMergeLeft,
                                         kMergeMemory,
                                         kMutations,
                                         kMutationsFailing,
                                         kMutationParts,
                                         kMutationAge,
                                         kQueries,
                                         kQueryAge,
                                         kQueryMemory,
                                         kDictionarySize,
                                         kDictionaryFailed,
                                         kDictionaryAge,
                                         kBackups,
                                         kBackupAge};

}  // namespace plumbline::clickhouse
