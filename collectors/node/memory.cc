// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/memory.h"

#include <cmath>

#include "collectors/node/memory_signals.h"

namespace plumbline::node {
namespace {

constexpr double kKibi = 1024;

constexpr auto kMeminfo = field_table(std::to_array<Field>({
    {.key = "MemTotal", .metric = &kMemoryLimit, .factor = kKibi},
    {.key = "MemFree", .metric = nullptr},
    {.key = "Cached", .metric = nullptr},
    {.key = "Buffers", .metric = nullptr},
    {.key = "SwapTotal", .metric = &kPagingLimit, .factor = kKibi},
    {.key = "SwapFree", .metric = nullptr},
    {.key = "HugePages_Free", .metric = nullptr},
    {.key = "MemAvailable", .metric = &kMemoryAvailable, .factor = kKibi},
    {.key = "Shmem", .metric = &kMemoryShared, .factor = kKibi},
    {.key = "SReclaimable", .metric = &kSlabUsage, .first = "reclaimable", .factor = kKibi},
    {.key = "SUnreclaim", .metric = &kSlabUsage, .first = "unreclaimable", .factor = kKibi},
    {.key = "HugePages_Total", .metric = &kHugepagesLimit},
    {.key = "HugePages_Rsvd", .metric = &kHugepagesReserved},
    {.key = "HugePages_Surp", .metric = &kHugepagesSurplus},
    {.key = "Hugepagesize", .metric = &kHugepagesSize, .factor = kKibi},
    {.key = "Active(anon)", .metric = &kMemoryActive, .first = "anon", .factor = kKibi},
    {.key = "Active(file)", .metric = &kMemoryActive, .first = "file", .factor = kKibi},
    {.key = "Inactive(anon)", .metric = &kMemoryInactive, .first = "anon", .factor = kKibi},
    {.key = "Inactive(file)", .metric = &kMemoryInactive, .first = "file", .factor = kKibi},
    {.key = "AnonPages", .metric = &kMemoryAnonymous, .factor = kKibi},
    {.key = "Mapped", .metric = &kMemoryMapped, .factor = kKibi},
    {.key = "Dirty", .metric = &kMemoryDirty, .factor = kKibi},
    {.key = "Writeback", .metric = &kMemoryWriteback, .factor = kKibi},
    {.key = "Unevictable", .metric = &kMemoryUnevictable, .factor = kKibi},
    {.key = "Mlocked", .metric = &kMemoryLocked, .factor = kKibi},
    {.key = "KernelStack", .metric = &kMemoryKernelStack, .factor = kKibi},
    {.key = "PageTables", .metric = &kMemoryPageTables, .factor = kKibi},
    {.key = "VmallocUsed", .metric = &kMemoryVmalloc, .factor = kKibi},
    {.key = "Percpu", .metric = &kMemoryPerCpu, .factor = kKibi},
    {.key = "Committed_AS", .metric = &kMemoryCommitted, .factor = kKibi},
    {.key = "CommitLimit", .metric = &kMemoryCommitLimit, .factor = kKibi},
    {.key = "AnonHugePages", .metric = &kMemoryAnonHuge, .factor = kKibi},
    {.key = "SwapCached", .metric = &kMemorySwapCached, .factor = kKibi},
    {.key = "HardwareCorrupted", .metric = &kMemoryCorrupted, .factor = kKibi},
    {.key = "Zswapped", .metric = &kMemoryCompressed, .first = "original", .factor = kKibi},
    {.key = "Zswap", .metric = &kMemoryCompressed, .first = "stored", .factor = kKibi},
}));

class Memory final : public Topic {
 public:
  explicit Memory(const std::filesystem::path& proc)
      : Topic("node.memory"), meminfo_(file(proc / "meminfo")), values_(make_meminfo_values()) {}

  void collect(Tick& tick) override {
    const auto text = meminfo_.read(tick.buffer);
    if (!text) return;
    values_.clear();
    parse_list(*text, values_);
    values_.report(tick);
    const auto state = to_memory_state(values_);
    report(tick, kMemoryUsage, kMemoryUtilization, "used", state.used, state.total);
    report(tick, kMemoryUsage, kMemoryUtilization, "free", state.free, state.total);
    report(tick, kMemoryUsage, kMemoryUtilization, "cached", state.cached, state.total);
    report(tick, kMemoryUsage, kMemoryUtilization, "buffers", state.buffers, state.total);
    report(tick, kPagingUsage, kPagingUtilization, "used", state.swap_used, state.swap_total);
    report(tick, kPagingUsage, kPagingUtilization, "free", state.swap_free, state.swap_total);
    report(tick,
           kHugepagesUsage,
           kHugepagesUtilization,
           "used",
           state.hugepages_used,
           state.hugepages_total);
    report(tick,
           kHugepagesUsage,
           kHugepagesUtilization,
           "free",
           state.hugepages_free,
           state.hugepages_total);
  }

 private:
  // A share of nothing is absent.
  static void report(Tick& tick,
                     const MetricSpec& usage,
                     const MetricSpec& utilization,
                     std::string_view state,
                     double value,
                     double total) {
    tick.out.add(tick.series.get(usage, {state}), value);
    if (total > 0) tick.out.add(tick.series.get(utilization, {state}), value / total);
  }

  TextFile& meminfo_;
  FieldValues values_;
};

}  // namespace

FieldValues make_meminfo_values() {
  return FieldValues(kMeminfo);
}

MemoryState to_memory_state(const FieldValues& meminfo) {
  const auto bytes = [&](std::string_view key) { return meminfo.get(key) * kKibi; };
  MemoryState out{.total = bytes("MemTotal"),
                  .used = bytes("MemTotal") - bytes("MemAvailable"),
                  .free = bytes("MemFree"),
                  .cached = bytes("Cached"),
                  .buffers = bytes("Buffers"),
                  .swap_total = bytes("SwapTotal"),
                  .swap_used = bytes("SwapTotal") - bytes("SwapFree"),
                  .swap_free = bytes("SwapFree"),
                  .hugepages_total = meminfo.get("HugePages_Total"),
                  .hugepages_used = meminfo.get("HugePages_Total") - meminfo.get("HugePages_Free"),
                  .hugepages_free = meminfo.get("HugePages_Free")};
  return out;
}

std::unique_ptr<Topic> make_memory(const std::filesystem::path& proc) {
  return std::make_unique<Memory>(proc);
}

}  // namespace plumbline::node
