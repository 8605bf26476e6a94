// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/identity/event_tally.h"

namespace plumbline {

// The controller hierarchies of one machine, from /proc/self/mounts.
enum class CgroupMode : std::uint8_t {
  kUnified,  // v2 alone
  kHybrid,   // v2 mounted beside v1 controllers
  kLegacy,   // v1 alone
  kNone,     // no cgroup file system
};

std::string_view to_string(CgroupMode mode);

struct CgroupMounts {
  CgroupMode mode = CgroupMode::kNone;
  std::filesystem::path unified;  // the v2 root; empty when there is none
  std::unordered_map<std::string, std::filesystem::path> v1;  // "memory" → its v1 root

  // The root of `controller`: v1 when it is mounted there, else v2 when that has it, else empty.
  std::filesystem::path root_of(std::string_view controller) const;
};

// From the text of a mountinfo file (proc(5)). Lines that make no sense are skipped.
CgroupMounts parse_cgroup_mounts(std::string_view mountinfo);

// Reads the mount table of this process; `proc` is /proc.
Result<CgroupMounts> find_cgroup_mounts(const std::filesystem::path& proc);

// One group: a node of the hierarchy, named by its path below the root ("/", "/system.slice/a").
struct Cgroup {
  std::uint64_t id = 0;  // inode of its directory = bpf_get_current_cgroup_id() on v2
  std::string path;
  UnixNanos first_seen = 0;
};

class CgroupIndex;

// Tells of groups that were made and removed since it was last asked: CgroupIndex::made() and
// removed(), in their order. Kernel lane.
class CgroupFeed {
 public:
  CgroupFeed() = default;
  CgroupFeed(const CgroupFeed&) = delete;
  CgroupFeed& operator=(const CgroupFeed&) = delete;
  CgroupFeed(CgroupFeed&&) = delete;
  CgroupFeed& operator=(CgroupFeed&&) = delete;
  virtual ~CgroupFeed() = default;

  virtual void read(CgroupIndex& index) = 0;
};

// Which cgroup an id names. Ids come from the kernel at event time. Groups are found by walking the
// hierarchy and, where there is a feed, at their birth, so that those have a name that are gone
// before the next walk. A group that was removed keeps its name for kKeep, so that its last events
// still have an owner. Used on the kernel lane only, but for what says otherwise.
class CgroupIndex {
 public:
  static constexpr std::chrono::seconds kKeep{120};
  // Deeper groups are counted in overflow(). Kubernetes uses 5, systemd inside a pod 10.
  static constexpr int kMaxDepth = 32;
  // What path() says of ids once `limit` others are unknown too.
  static constexpr std::string_view kOtherUnknown = "id:other";

  // `limit`: how many living groups are known at most; the others are counted in overflow() and
  // have no name. `mounts` may be of mode kNone: then every look-up fails.
  CgroupIndex(CgroupMounts mounts, const Clock& clock, std::size_t limit);

  // Who tells of births from now on. The index does not keep it alive.
  void set_feed(std::weak_ptr<CgroupFeed> feed) { feed_ = std::move(feed); }

  // Reads the feed, and walks the hierarchy; that at most once a second, however often it is
  // called, and less often where a walk takes longer than 1/kWalkShare of that.
  void refresh();

  // For the feed. A path deeper than kMaxDepth is left to the walk, which counts it.
  void made(std::uint64_t id, std::string_view path, UnixNanos at);
  void removed(std::uint64_t id);

  // The path of a group, its numeric form "id:123" when it is not known yet (walked again first,
  // at most once a refresh). The view stays valid until the next refresh().
  std::string_view path(std::uint64_t id);

  // Living groups in the order of their paths, parents first. Valid until the next refresh() or
  // path().
  std::span<const Cgroup* const> living() const { return living_; }
  // Whether the group is there, as far as walk and feed have told.
  bool is_living(std::uint64_t id) const;
  // How many are, at the last refresh(). From any thread.
  std::size_t living_count() const { return living_count_.load(std::memory_order_relaxed); }
  // How many living groups the last walk met and did not take; those below them are not counted.
  std::uint64_t overflow() const { return overflow_; }
  const CgroupMounts& mounts() const { return mounts_; }
  // The directory of the hierarchy that is walked; empty when there is none.
  const std::filesystem::path& root() const { return root_; }

  // Where the collectors of this machine's groups count their events.
  EventTally& events() { return events_; }

  // The hierarchy whose ids the kernel programs must use: true when v2 is where groups are, false
  // when a v1 hierarchy ("memory", else "pids", else "cpu") is, as on hybrid hosts whose
  // containers live in v1 only. Decided once, at construction: kernel programs are told at load.
  bool ids_are_unified() const { return ids_are_unified_; }
  // The controller whose v1 hierarchy gives the ids; empty when ids_are_unified().
  std::string_view id_controller() const { return id_controller_; }

 private:
  // Walking may take this share of one core's time.
  static constexpr int kWalkShare = 200;

  struct Entry {
    Cgroup group;  // without path: an id that was asked for and is not known
    Clock::Steady last_seen;
    Clock::Steady last_asked{};
    std::uint64_t last_walk = 0;  // walk_number_: it is living
    std::string unknown_name;
  };

  void choose_hierarchy();
  void walk();
  void walk_children(int directory, int depth);
  void see(std::uint64_t id);
  void name(Entry& entry, std::uint64_t id, std::string_view path, UnixNanos since);
  void read_feed();
  void collect_living();
  void forget_old();

  CgroupMounts mounts_;
  const Clock& clock_;
  std::size_t limit_;
  bool ids_are_unified_ = true;
  std::string_view id_controller_;
  std::filesystem::path root_;
  std::weak_ptr<CgroupFeed> feed_;
  EventTally events_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::vector<const Cgroup*> living_;
  std::atomic<std::size_t> living_count_{0};
  std::uint64_t overflow_ = 0;
  std::size_t unknown_ = 0;
  std::optional<Clock::Steady> next_walk_;
  bool walked_for_unknown_ = false;
  bool refreshing_ = false;

  // Of the last walk, or the one that is going on.
  std::uint64_t walk_number_ = 1;
  Clock::Steady walk_time_{};
  UnixNanos walk_wall_ = 0;
  std::string walk_path_;
  std::size_t seen_ = 0;  // and made since, less those removed since
  bool changed_ = false;  // living_ is not up to date
};

}  // namespace plumbline
