// SPDX-License-Identifier: Apache-2.0
#include "collectors/registry.h"

#include <array>

#include "collectors/block/block_collector.h"
#include "collectors/block/signals.h"
#include "collectors/cgroups/cgroups_collector.h"
#include "collectors/cgroups/signals.h"
#include "collectors/clickhouse/clickhouse_collector.h"
#include "collectors/clickhouse/signals.h"
#include "collectors/gpu/gpu_collector.h"
#include "collectors/gpu/signals.h"
#include "collectors/irq/irq_collector.h"
#include "collectors/irq/signals.h"
#include "collectors/kafka/kafka_collector.h"
#include "collectors/kafka/kafka_info.h"
#include "collectors/memory/memory_collector.h"
#include "collectors/memory/signals.h"
#include "collectors/node/filesystem_collector.h"
#include "collectors/node/filesystem_signals.h"
#include "collectors/node/hardware_collector.h"
#include "collectors/node/hardware_signals.h"
#include "collectors/node/node_collector.h"
#include "collectors/node/signals.h"
#include "collectors/process/process_collector.h"
#include "collectors/process/signals.h"
#include "collectors/sched/sched_collector.h"
#include "collectors/sched/signals.h"
#include "collectors/tcp/signals.h"
#include "collectors/tcp/tcp_collector.h"

namespace plumbline {
namespace {

constexpr std::array kCollectors{
    CollectorEntry{&cgroups::kInfo, &cgroups::make},
    CollectorEntry{&node::kNodeInfo, &node::make_node},
    CollectorEntry{&node::kFilesystemInfo, &node::make_filesystem},
    CollectorEntry{&node::kHardwareInfo, &node::make_hardware},
    CollectorEntry{&gpu::kInfo, &gpu::make},
    CollectorEntry{&sched::kInfo, &sched::make},
    CollectorEntry{&block::kInfo, &block::make},
    CollectorEntry{&memory::kInfo, &memory::make},
    CollectorEntry{&irq::kInfo, &irq::make},
    CollectorEntry{&tcp::kInfo, &tcp::make},
    CollectorEntry{&process::kInfo, &process::make},
    CollectorEntry{
        &clickhouse::kInfo, &clickhouse::make, &clickhouse::has_targets, &clickhouse::is_concerned},
    CollectorEntry{&kafka::kInfo, &kafka::make, nullptr, &kafka::is_concerned},
};

}  // namespace

std::span<const CollectorEntry> collector_registry() {
  return kCollectors;
}

}  // namespace plumbline
