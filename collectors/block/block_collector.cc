// SPDX-License-Identifier: Apache-2.0
#include "collectors/block/block_collector.h"

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/identity/cgroups.h"
#include "collectors/block/block.h"
#include "collectors/block/signals.h"
#include "collectors/bpf/group_namer.h"
#include "collectors/bpf/group_totals.h"
#include "collectors/bpf/hash_table.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/object.h"

#include "bpf/block_requests.skel.h"

namespace plumbline::block {
namespace {

using Object = bpf::Object<block_requests>;

constexpr std::string_view kComplete = "tp_btf/block_rq_complete";
constexpr std::string_view kDone = "tp_btf/block_io_done";
constexpr std::string_view kStart = "tp_btf/block_io_start";
constexpr std::string_view kDirty = "tp_btf/writeback_dirty_inode_enqueue";

enum : std::size_t { kLatency, kCgroup, kFailures, kCoverageSize };

// Whether the bios carry groups whose ids the index knows: the io controller of the v2 hierarchy is
// on below its root. (On v1 it has a hierarchy, and ids, of its own.)
bool has_io_groups(const CgroupIndex& cgroups) {
  if (!cgroups.ids_are_unified() || cgroups.mounts().v1.contains("blkio")) return false;
  std::ifstream file(cgroups.mounts().unified / "cgroup.subtree_control");
  for (std::string controller; file >> controller;) {
    if (controller == "io") return true;
  }
  return false;
}

class BlockCollector final : public Collector {
 public:
  explicit BlockCollector(const CollectorContext& context)
      : context_(context), devices_(context.sys), series_(0) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }
  Result<> open() override;
  std::span<const Coverage> coverage() const override { return coverage_; }
  Result<> collect(Clock::Steady deadline, Batch& out) override;

 private:
  Result<> load();
  // Chooses the programs and says so in the coverage.
  void choose_hook(Object& object, const bpf::Hooks& hooks);
  void choose_owner(Object& object, const bpf::Hooks& hooks);
  void choose_dirtier(Object& object, const bpf::Hooks& hooks);
  std::optional<std::string_view> name_of(std::uint64_t group);
  Result<> collect_requests(Batch& out);
  Result<> collect_errors(Batch& out);
  void collect_losses(Batch& out);

  CollectorContext context_;
  std::array<Coverage, kCoverageSize> coverage_{Coverage{.signal = "block.latency"},
                                                Coverage{.signal = "block.cgroup"},
                                                Coverage{.signal = "block.errors"}};
  std::optional<Object> object_;
  bpf::HashTable<block_key, block_stats> requests_;
  bpf::HashTable<block_error_key, std::uint64_t> errors_;
  DeviceNames devices_;
  bpf::GroupNamer names_;
  RequestTotals totals_;
  SeriesTable series_;
  std::vector<block_key> idle_;
};

Result<> BlockCollector::open() {
  if (auto loaded = load(); !loaded) {
    for (auto& signal : coverage_) {
      signal.state = SignalState::kUnavailable;
      signal.mechanism.clear();
      signal.reason = loaded.error().what;
    }
  }
  return {};
}

Result<> BlockCollector::load() {
  const bpf::Hooks hooks(context_);
  auto object = Object::open(hooks);
  if (!object) return object.error();
  if (auto reason = hooks.missing(kComplete); reason && hooks.missing(kDone)) {
    return Error{.code = Errc::kUnsupported, .what = *std::move(reason)};
  }
  (*object)->rodata->latency_tables = bpf::make_latency_tables();
  (*object)->rodata->group_hierarchy = bpf::group_hierarchy(context_.cgroups);
  choose_hook(*object, hooks);
  choose_owner(*object, hooks);
  TRY(object->start());
  object_.emplace(*std::move(object));
  requests_ = bpf::HashTable<block_key, block_stats>((*object_)->maps.block_series);
  errors_ = bpf::HashTable<block_error_key, std::uint64_t>((*object_)->maps.block_errors);
  series_ = SeriesTable(context_.clock.wall());
  return {};
}

void BlockCollector::choose_hook(Object& object, const bpf::Hooks& hooks) {
  auto reason = hooks.missing(kComplete);
  auto& latency = coverage_[kLatency];
  if (!reason) {
    bpf_program__set_autoload(object->progs.block_complete, true);
    latency.mechanism = std::string(kComplete) + " (request.start_time_ns, io_start_time_ns)";
    coverage_[kFailures].mechanism = kComplete;
    return;
  }
  bpf_program__set_autoload(object->progs.block_done, true);
  latency.state = SignalState::kDegraded;
  latency.mechanism = std::string(kDone) + " (request.start_time_ns, io_start_time_ns)";
  latency.reason = *reason + "; flushes are missing";
  coverage_[kFailures].state = SignalState::kUnavailable;
  coverage_[kFailures].reason = *std::move(reason);
}

void BlockCollector::choose_owner(Object& object, const bpf::Hooks& hooks) {
  auto& coverage = coverage_[kCgroup];
  if (has_io_groups(context_.cgroups) && !hooks.missing(kComplete)) {
    object->rodata->block_owner = BLOCK_OWNER_BLKCG;
    coverage.mechanism = "the I/O cgroup of the request's bio";
    return;
  }
  if (auto reason = hooks.missing(kStart)) {
    object->rodata->block_owner = BLOCK_OWNER_NONE;
    coverage.state = SignalState::kUnavailable;
    coverage.reason = *std::move(reason);
    return;
  }
  object->rodata->block_owner = BLOCK_OWNER_TASK;
  for (auto* program :
       {object->progs.block_start, object->progs.block_backmerge, object->progs.block_frontmerge}) {
    bpf_program__set_autoload(program, true);
  }
  choose_dirtier(object, hooks);
}

// Whose a write is that a thread of the kernel submits.
void BlockCollector::choose_dirtier(Object& object, const bpf::Hooks& hooks) {
  auto& coverage = coverage_[kCgroup];
  coverage.state = SignalState::kDegraded;
  coverage.mechanism = std::string(kStart) + " (cgroup of the submitting task)";
  constexpr std::string_view kBetter =
      "; the io controller of cgroup v2, enabled below the root, would tell exactly";
  if (auto reason = hooks.missing(kDirty)) {
    coverage.reason = *std::move(reason) + ": what is written back later is of no known group";
  } else {
    bpf_map__set_max_entries(object->maps.block_dirtiers, BLOCK_DIRTY_FILES);
    bpf_program__set_autoload(object->progs.block_dirty, true);
    coverage.mechanism += fmt::format("; {} (cgroup that made the file dirty)", kDirty);
    coverage.reason =
        "a file that several groups write counts for the one that made it dirty, when it is "
        "written back later";
  }
  coverage.reason += kBetter;
}

std::optional<std::string_view> BlockCollector::name_of(std::uint64_t group) {
  if (group == BLOCK_GROUP_UNKNOWN || group == BLOCK_GROUP_EARLIER) return bpf::kOtherGroups;
  return names_.of(group, context_.cgroups);
}

Result<> BlockCollector::collect_requests(Batch& out) {
  devices_.refresh();
  idle_.clear();
  const auto take = [this](const block_key& key, const block_stats& now) {
    const auto group = name_of(key.cgroup);
    if (!group) return std::uint32_t{0};
    const auto idle = totals_.add(key, now, devices_.of(key.device), *group);
    const auto outcome =
        key.cgroup == BLOCK_GROUP_EARLIER ? EventTally::kEarlier : EventTally::outcome_of(*group);
    context_.cgroups.events().add(EventKind::kBlock, outcome, totals_.gained());
    return idle;
  };
  TRY(requests_.each([&](const block_key& key, const block_stats& now) {
    const auto idle = take(key, now);
    if (names_.may_leave(key.cgroup, idle, context_.cgroups)) idle_.push_back(key);
  }));
  for (const auto& key : idle_) {
    block_stats last{};
    if (requests_.remove(key, last)) take(key, last);
  }
  totals_.emit(series_, out);
  totals_.sweep();
  names_.sweep();
  return {};
}

Result<> BlockCollector::collect_errors(Batch& out) {
  return errors_.each([&](const block_error_key& key, std::uint64_t count) {
    const auto type = status_name(key.status);
    out.add(series_.get(kErrors,
                        {std::string_view(devices_.of(key.device)),
                         operation_name(key.operation),
                         std::string_view(type)}),
            count);
  });
}

void BlockCollector::collect_losses(Batch& out) {
  const auto& lost = (*object_)->bss->block_lost;
  out.add(series_.get(kLost, {std::string_view("series")}), std::uint64_t{lost[BLOCK_LOST_SERIES]});
  out.add(series_.get(kLost, {std::string_view("error")}), std::uint64_t{lost[BLOCK_LOST_ERROR]});
  out.add(series_.get(kLost, {std::string_view("cgroup")}), std::uint64_t{lost[BLOCK_LOST_OWNER]});
  out.add(series_.get(kLost, {std::string_view("dirtier")}),
          std::uint64_t{lost[BLOCK_LOST_DIRTIER]});
  out.add(series_.get(kLost, {std::string_view("earlier")}),
          std::uint64_t{lost[BLOCK_LOST_EARLIER]});
  auto& latency = coverage_[kLatency];
  if (lost[BLOCK_NO_ISSUE_TIME] > 0 && latency.state == SignalState::kAvailable) {
    latency.state = SignalState::kDegraded;
    latency.reason =
        "the kernel does not note when requests of some device reach the driver: their queue time "
        "is part of the device time (write to queue/wbt_lat_usec of the device to change that)";
  }
}

Result<> BlockCollector::collect(Clock::Steady /*deadline*/, Batch& out) {
  if (!object_) return {};
  context_.cgroups.refresh();
  TRY(collect_requests(out));
  TRY(collect_errors(out));
  collect_losses(out);
  series_.sweep();
  return {};
}

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<BlockCollector>(context);
}

}  // namespace plumbline::block
