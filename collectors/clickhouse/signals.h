// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "collectors/clickhouse/ingest_signals.h"
#include "collectors/clickhouse/query_signals.h"
#include "collectors/clickhouse/replication_signals.h"
#include "collectors/clickhouse/server_signals.h"
#include "collectors/clickhouse/storage_signals.h"
#include "collectors/clickhouse/work_signals.h"
#include "collectors/collector.h"

namespace plumbline::clickhouse {

inline constexpr auto kAllMetrics = join(kStorageMetrics,
                                         kWorkMetrics,
                                         kReplicationMetrics,
                                         kIngestMetrics,
                                         kQueryMetrics,
                                         kServerMetrics);

inline constexpr CollectorInfo kInfo{
    .name = "clickhouse",
    .description = "ClickHouse servers: parts, merges, replicas, inserts, queries and their cost",
    .period = std::chrono::seconds(10),
    .lane = Lane::kBlocking,
    .metrics = kAllMetrics};

}  // namespace plumbline::clickhouse
