// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/vmstat.h"

#include "collectors/node/vmstat_signals.h"

namespace plumbline::node {
namespace {

constexpr double kKibi = 1024;

constexpr auto kVmstat = field_table(std::to_array<Field>({
    {.key = "pgfault", .metric = nullptr},
    {.key = "pgmajfault", .metric = &kPagingFaults, .first = "major"},
    {.key = "pswpin", .metric = &kPagingOperations, .first = "major", .second = "in"},
    {.key = "pswpout", .metric = &kPagingOperations, .first = "major", .second = "out"},
    {.key = "pgpgin", .metric = &kPagingIo, .first = "in", .factor = kKibi},
    {.key = "pgpgout", .metric = &kPagingIo, .first = "out", .factor = kKibi},
    {.key = "pgalloc_dma", .metric = &kPagesAllocated, .first = "dma"},
    {.key = "pgalloc_dma32", .metric = &kPagesAllocated, .first = "dma32"},
    {.key = "pgalloc_normal", .metric = &kPagesAllocated, .first = "normal"},
    {.key = "pgalloc_movable", .metric = &kPagesAllocated, .first = "movable"},
    {.key = "pgfree", .metric = &kPagesFreed},
    {.key = "pgmigrate_success", .metric = &kPagesMigrated, .first = "success"},
    {.key = "pgmigrate_fail", .metric = &kPagesMigrated, .first = "failure"},
    {.key = "pgscan_direct", .metric = &kReclaimScanned, .first = "direct"},
    {.key = "pgscan_kswapd", .metric = &kReclaimScanned, .first = "kswapd"},
    {.key = "pgscan_khugepaged", .metric = &kReclaimScanned, .first = "khugepaged"},
    {.key = "pgsteal_direct", .metric = &kReclaimReclaimed, .first = "direct"},
    {.key = "pgsteal_kswapd", .metric = &kReclaimReclaimed, .first = "kswapd"},
    {.key = "pgsteal_khugepaged", .metric = &kReclaimReclaimed, .first = "khugepaged"},
    {.key = "allocstall_dma", .metric = &kReclaimStalls, .first = "dma"},
    {.key = "allocstall_dma32", .metric = &kReclaimStalls, .first = "dma32"},
    {.key = "allocstall_normal", .metric = &kReclaimStalls, .first = "normal"},
    {.key = "allocstall_movable", .metric = &kReclaimStalls, .first = "movable"},
    {.key = "compact_success", .metric = &kCompaction, .first = "success"},
    {.key = "compact_fail", .metric = &kCompaction, .first = "failure"},
    {.key = "workingset_refault_anon", .metric = &kRefaults, .first = "anon"},
    {.key = "workingset_refault_file", .metric = &kRefaults, .first = "file"},
    {.key = "oom_kill", .metric = &kOomKills},
    {.key = "thp_fault_alloc", .metric = &kHugeFaults, .first = "success"},
    {.key = "thp_fault_fallback", .metric = &kHugeFaults, .first = "failure"},
    {.key = "thp_collapse_alloc", .metric = &kHugeCollapses, .first = "success"},
    {.key = "thp_collapse_alloc_failed", .metric = &kHugeCollapses, .first = "failure"},
    {.key = "thp_split_page", .metric = &kHugeSplits},
    {.key = "numa_hit", .metric = &kNumaAllocations, .first = "hit"},
    {.key = "numa_miss", .metric = &kNumaAllocations, .first = "miss"},
    {.key = "numa_local", .metric = &kNumaAllocations, .first = "local"},
    {.key = "numa_other", .metric = &kNumaAllocations, .first = "other"},
    {.key = "nr_written", .metric = &kPagesWritten},
    {.key = "nr_dirtied", .metric = &kPagesDirtied},
    {.key = "drop_pagecache", .metric = &kCacheDrops, .first = "page"},
    {.key = "drop_slab", .metric = &kCacheDrops, .first = "slab"},
}));

class Vmstat final : public Topic {
 public:
  explicit Vmstat(const std::filesystem::path& proc)
      : Topic("node.vmstat"), vmstat_(file(proc / "vmstat")), values_(make_vmstat_values()) {}

  void collect(Tick& tick) override {
    const auto text = vmstat_.read(tick.buffer);
    if (!text) return;
    values_.clear();
    parse_list(*text, values_);
    values_.report(tick);
    tick.out.add(tick.series.get(kPagingFaults, {"minor"}),
                 values_.get("pgfault") - values_.get("pgmajfault"));
  }

 private:
  TextFile& vmstat_;
  FieldValues values_;
};

}  // namespace

FieldValues make_vmstat_values() {
  return FieldValues(kVmstat);
}

std::unique_ptr<Topic> make_vmstat(const std::filesystem::path& proc) {
  return std::make_unique<Vmstat>(proc);
}

}  // namespace plumbline::node
