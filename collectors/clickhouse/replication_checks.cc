// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "collectors/clickhouse/check.h"
#include "collectors/clickhouse/replication_signals.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::seconds;

constexpr std::array kReplicas{
    label("database", "database"),
    label("table", "table"),
    value(kReplicaReadOnly, "is_readonly", "is_readonly"),
    value(kReplicaReadOnlyTime, "readonly_duration", "readonly_duration"),
    value(kReplicaSessionExpired, "is_session_expired", "is_session_expired"),
    value(kReplicaDelay, "absolute_delay", "absolute_delay"),
    value(kReplicaQueue, "queue_size", "queue_size"),
    value(kReplicaInserts, "inserts_in_queue", "inserts_in_queue"),
    value(kReplicaLostParts, "lost_part_count", "lost_part_count"),
    failure("last_queue_update_exception", "last_queue_update_exception"),
    failure("zookeeper_exception", "zookeeper_exception"),
};

// These columns make the server ask Keeper for every table: seldom.
constexpr std::array kReplicaLogs{
    label("database", "database"),
    label("table", "table"),
    value(kReplicaLogLag,
          "if(log_max_index >= log_pointer, log_max_index - log_pointer + 1, 0)",
          "log_max_index log_pointer"),
    value(kReplicaInactive,
          "if(total_replicas = 0, NULL, 1 - active_replicas / total_replicas)",
          "active_replicas total_replicas"),
};

constexpr std::array kQueue{
    label("database", "database"),
    label("table", "table"),
    label("type", "type"),
    value(kQueueStuck, "count()", "num_tries"),
    value(kQueueTries, "max(num_tries)", "num_tries"),
    value(kQueueAge, "toUnixTimestamp(now()) - toUnixTimestamp(min(create_time))", "create_time"),
    failure("any(last_exception)", "last_exception"),
};

constexpr std::array kKeeper{
    label("name", "name"),
    label("concat(host, ':', toString(port))", "host port"),
    value(kKeeperUp, "is_expired = 0", "is_expired"),
    value(kKeeperSessionAge, "session_uptime_elapsed_seconds", "session_uptime_elapsed_seconds"),
};

constexpr std::array kSending{
    label("database", "database"),
    label("table", "table"),
    value(kSendFiles, "sum(data_files)", "data_files"),
    value(kSendSize, "sum(data_compressed_bytes)", "data_compressed_bytes"),
    value(kSendBroken, "sum(broken_data_files)", "broken_data_files"),
    value(kSendErrors, "sum(error_count)", "error_count"),
    value(kSendBlocked, "max(is_blocked)", "is_blocked"),
    failure("anyIf(last_exception, last_exception != '')", "last_exception"),
};

constexpr std::array kChecks{
    Check{.signal = "clickhouse.replicas",
          .table = "replicas",
          .columns = kReplicas,
          .needs = "is_readonly absolute_delay",
          .order = "is_readonly DESC, absolute_delay DESC"},
    Check{.signal = "clickhouse.replica_logs",
          .table = "replicas",
          .period = seconds(60),
          .columns = kReplicaLogs},
    Check{.signal = "clickhouse.replication_queue",
          .table = "replication_queue",
          .period = seconds(15),
          .shape = Shape::kGroups,
          .columns = kQueue,
          .where = "last_exception != ''",
          .needs = "last_exception",
          .order = "max(num_tries) DESC"},
    Check{.signal = "clickhouse.keeper",
          .table = "zookeeper_connection",
          .columns = kKeeper,
          .advice = "servers show it when Keeper is configured"},
    Check{.signal = "clickhouse.distributed",
          .table = "distribution_queue",
          .shape = Shape::kGroups,
          .columns = kSending},
};

}  // namespace

std::span<const Check> replication_checks() {
  return kChecks;
}

}  // namespace plumbline::clickhouse
