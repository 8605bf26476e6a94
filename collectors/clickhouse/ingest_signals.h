// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/clickhouse/spec.h"

namespace plumbline::clickhouse {

inline constexpr AttributeKeys kInsertKeys{"server.address",
                                           "server.port",
                                           "db.namespace",
                                           "db.collection.name",
                                           "plumbline.clickhouse.user"};

inline constexpr auto kInserts = counter("plumbline.clickhouse.inserts",
                                         Unit::kQuery,
                                         "Inserts by table and user.",
                                         "system.query_log",
                                         kInsertKeys);
inline constexpr auto kInsertRows =
    counter("plumbline.clickhouse.insert.rows",
            Unit::kRow,
            "Rows they wrote: few for each insert make too many parts.",
            "system.query_log written_rows",
            kInsertKeys);
inline constexpr auto kInsertSize = counter("plumbline.clickhouse.insert.size",
                                            Unit::kBytes,
                                            "Bytes they wrote, uncompressed.",
                                            "system.query_log written_bytes",
                                            kInsertKeys);
inline constexpr auto kNewParts = counter("plumbline.clickhouse.new_parts",
                                          Unit::kPart,
                                          "Parts that inserts made.",
                                          "system.part_log NewPart",
                                          kTableKeys);
inline constexpr auto kNewPartRows = counter("plumbline.clickhouse.new_part.rows",
                                             Unit::kRow,
                                             "Rows of these parts.",
                                             "system.part_log rows",
                                             kTableKeys);
inline constexpr auto kPartFailures =
    counter("plumbline.clickhouse.part.failures",
            Unit::kError,
            "Inserts, merges, fetches and mutations of parts that failed, by kind.",
            "system.part_log error",
            table_and("plumbline.clickhouse.part.event"));
inline constexpr auto kAsyncPending = amount("plumbline.clickhouse.async_insert.pending",
                                             Unit::kBytes,
                                             "Bytes of asynchronous inserts not yet flushed.",
                                             "system.asynchronous_inserts total_bytes",
                                             kTableKeys);
inline constexpr auto kAsyncAge = gauge("plumbline.clickhouse.async_insert.age",
                                        Unit::kSeconds,
                                        "How long the oldest of them has waited.",
                                        "system.asynchronous_inserts first_update",
                                        kTableKeys);
inline constexpr auto kAsyncFailures =
    counter("plumbline.clickhouse.async_insert.failures",
            Unit::kError,
            "Asynchronous inserts that were accepted and then lost, by status.",
            "system.asynchronous_insert_log",
            table_and("plumbline.clickhouse.insert.status"));
inline constexpr auto kConsumers = amount("plumbline.clickhouse.kafka.consumers",
                                          Unit::kTask,
                                          "Consumers of each table with the Kafka engine.",
                                          "system.kafka_consumers",
                                          kTableKeys);
inline constexpr auto kConsumerPartitions =
    amount("plumbline.clickhouse.kafka.partitions",
           Unit::kPart,
           "Partitions assigned to them; 0 means that the table reads nothing.",
           "system.kafka_consumers assignments",
           kTableKeys);
inline constexpr auto kConsumerMessages = counter("plumbline.clickhouse.kafka.messages",
                                                  Unit::kMessage,
                                                  "Messages they have read.",
                                                  "system.kafka_consumers num_messages_read",
                                                  kTableKeys);
inline constexpr auto kConsumerPollAge =
    gauge("plumbline.clickhouse.kafka.poll_age",
          Unit::kSeconds,
          "Time since the consumer that has not polled for longest did; absent if none ever did.",
          "system.kafka_consumers last_poll_time",
          kTableKeys);
inline constexpr auto kConsumerCommitAge =
    gauge("plumbline.clickhouse.kafka.commit_age",
          Unit::kSeconds,
          "Time since the last commit of any of them; absent if there was none.",
          "system.kafka_consumers last_commit_time",
          kTableKeys);
inline constexpr auto kConsumerRebalances =
    counter("plumbline.clickhouse.kafka.rebalances",
            Unit::kEvent,
            "Assignments that were taken from them.",
            "system.kafka_consumers num_rebalance_revocations",
            kTableKeys);
inline constexpr auto kConsumerExceptions =
    amount("plumbline.clickhouse.kafka.exceptions",
           Unit::kError,
           "Exceptions of the last 10 minutes that they remember; the last one is an event.",
           "system.kafka_consumers exceptions",
           kTableKeys);
inline constexpr auto kConsumerMissing =
    amount("plumbline.clickhouse.kafka.missing_dependencies",
           Unit::kTask,
           "Consumers whose views or tables are missing: they do not read.",
           "system.kafka_consumers missing_dependencies",
           kTableKeys);
inline constexpr auto kDeadLetters = counter("plumbline.clickhouse.dead_letters",
                                             Unit::kMessage,
                                             "Messages put aside since they could not be parsed.",
                                             "system.dead_letter_queue",
                                             table_and("messaging.destination.name"));
inline constexpr auto kViewFailures = counter("plumbline.clickhouse.view.failures",
                                              Unit::kError,
                                              "Runs of a materialized view that failed.",
                                              "system.query_views_log exception_code",
                                              server_and("plumbline.clickhouse.view.name"));
inline constexpr auto kRefreshFailed =
    gauge("plumbline.clickhouse.view.refresh_failed",
          Unit::kOne,
          "1 for a refreshable view whose last refresh failed; the reason is an event.",
          "system.view_refreshes exception",
          kTableKeys);
inline constexpr auto kRefreshAge =
    gauge("plumbline.clickhouse.view.refresh_age",
          Unit::kSeconds,
          "Time since the view was last refreshed well; absent if it never was.",
          "system.view_refreshes last_success_time",
          kTableKeys);

inline constexpr std::array kIngestMetrics{
    kInserts,         kInsertRows,        kInsertSize,         kNewParts,
    kNewPartRows,     kPartFailures,      kAsyncPending,       kAsyncAge,
    kAsyncFailures,   kConsumers,         kConsumerPartitions, kConsumerMessages,
    kConsumerPollAge, kConsumerCommitAge, kConsumerRebalances, kConsumerExceptions,
    kConsumerMissing, kDeadLetters,       kViewFailures,       kRefreshFailed,
    kRefreshAge};

}  // namespace plumbline::clickhouse
