// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/cgroups.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "agent/core/fd.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(int parent, const char* name) {
  const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return nullptr;
  Directory directory(::fdopendir(fd));
  if (!directory) ::close(fd);
  return directory;
}

bool may_be_directory(const dirent& entry) {
  const std::string_view name(entry.d_name);
  return (entry.d_type == DT_DIR || entry.d_type == DT_UNKNOWN) && name != "." && name != "..";
}

// A directory without directories in it has two links: no need to read it. One link means that
// the file system does not count them.
constexpr nlink_t kLinksOfLeaf = 2;

// Directories directly below `root`.
std::size_t count_children(const std::filesystem::path& root) {
  const auto directory = open_directory(AT_FDCWD, root.c_str());
  if (!directory) return 0;
  std::size_t count = 0;
  while (const auto* entry = ::readdir(directory.get())) count += may_be_directory(*entry) ? 1 : 0;
  return count;
}

}  // namespace

CgroupIndex::CgroupIndex(CgroupMounts mounts, const Clock& clock, std::size_t limit)
    : mounts_(std::move(mounts)), clock_(clock), limit_(limit) {
  choose_hierarchy();
}

void CgroupIndex::choose_hierarchy() {
  root_ = mounts_.unified;
  if (mounts_.mode == CgroupMode::kUnified || mounts_.mode == CgroupMode::kNone) return;
  for (const auto* const controller : {"memory", "pids", "cpu"}) {
    const auto v1 = mounts_.v1.find(controller);
    if (v1 == mounts_.v1.end()) continue;
    // systemd keeps v2 as full as v1 on a hybrid host. An empty or sparser v2 is not where
    // groups are made.
    const auto unified = root_.empty() ? 0 : count_children(root_);
    if (unified > 0 && unified >= count_children(v1->second)) return;
    root_ = v1->second;
    id_controller_ = controller;
    ids_are_unified_ = false;
    return;
  }
}

void CgroupIndex::refresh() {
  const auto now = clock_.steady();
  refreshing_ = true;
  read_feed();
  refreshing_ = false;
  if (next_walk_ && now < *next_walk_) {
    if (changed_) collect_living();
    return;
  }
  walked_for_unknown_ = false;
  walk();
  forget_old();
  const auto cost = clock_.steady() - now;
  next_walk_ = now + std::max<Clock::Steady::duration>(
                         1s, std::min<Clock::Steady::duration>(cost * kWalkShare, 30s));
}

std::string_view CgroupIndex::path(std::uint64_t id) {
  auto found = entries_.find(id);
  if (found == entries_.end()) {
    read_feed();
    found = entries_.find(id);
  }
  if (found == entries_.end() && !walked_for_unknown_) {
    walked_for_unknown_ = true;
    walk();
    found = entries_.find(id);
  }
  if (found != entries_.end()) {
    auto& entry = found->second;
    entry.last_asked = walk_time_;
    if (!entry.group.path.empty()) return entry.group.path;
    entry.last_seen = clock_.steady();
    return entry.unknown_name;
  }
  if (unknown_ >= limit_) return kOtherUnknown;
  ++unknown_;
  auto& entry = entries_[id];
  entry.group.id = id;
  entry.last_seen = clock_.steady();
  entry.unknown_name = "id:" + std::to_string(id);
  return entry.unknown_name;
}

bool CgroupIndex::is_living(std::uint64_t id) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.last_walk == walk_number_;
}

void CgroupIndex::read_feed() {
  if (const auto feed = feed_.lock()) feed->read(*this);
}

void CgroupIndex::made(std::uint64_t id, std::string_view path, UnixNanos at) {
  if (!path.starts_with('/') || std::ranges::count(path, '/') > kMaxDepth) return;
  if (seen_ >= limit_) {
    ++overflow_;
    return;
  }
  auto& entry = entries_[id];
  if (entry.last_walk == walk_number_) return;  // a walk met it first
  // A new owner of a known id waits for the next walk: the old name may be in use.
  if (!refreshing_ && !entry.group.path.empty() && entry.group.path != path) return;
  name(entry, id, path, at);
  entry.last_seen = clock_.steady();
  entry.last_walk = walk_number_;
  ++seen_;
  changed_ = true;
}

void CgroupIndex::removed(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.last_walk != walk_number_) return;
  found->second.last_seen = clock_.steady();
  found->second.last_walk = 0;
  --seen_;
  changed_ = true;
}

void CgroupIndex::walk() {
  ++walk_number_;
  walk_time_ = clock_.steady();
  walk_wall_ = clock_.wall();
  overflow_ = 0;
  seen_ = 0;
  const Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (root && ::fstat(root.get(), &status) == 0) {
    walk_path_ = "/";
    see(status.st_ino);
    walk_path_.clear();
    walk_children(root.get(), 1);
  }
  if (changed_ || seen_ != living_.size()) collect_living();
}

void CgroupIndex::walk_children(int directory, int depth) {
  const auto entries = open_directory(directory, ".");
  if (!entries) return;
  const auto length = walk_path_.size();
  while (const auto* entry = ::readdir(entries.get())) {
    if (!may_be_directory(*entry)) continue;
    if (depth > kMaxDepth || seen_ >= limit_) {
      ++overflow_;
      continue;
    }
    struct stat status {};
    if (::fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISDIR(status.st_mode)) continue;
    walk_path_.append("/").append(entry->d_name);
    see(status.st_ino);
    if (status.st_nlink != kLinksOfLeaf) {
      const Fd child(
          ::openat(directory, entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (child) walk_children(child.get(), depth + 1);
    }
    walk_path_.resize(length);
  }
}

// The group `walk_path_` is alive and has this id.
void CgroupIndex::see(std::uint64_t id) {
  ++seen_;
  auto& entry = entries_[id];
  if (entry.last_walk + 1 != walk_number_) changed_ = true;
  // A new owner of a known id waits for the next refresh(): the old name may be in use.
  const bool may_replace = entry.group.path.empty() || !walked_for_unknown_;
  if (entry.group.path != walk_path_ && may_replace) name(entry, id, walk_path_, walk_wall_);
  entry.last_seen = walk_time_;
  entry.last_walk = walk_number_;
}

void CgroupIndex::name(Entry& entry, std::uint64_t id, std::string_view path, UnixNanos since) {
  if (!entry.unknown_name.empty() && entry.group.path.empty()) --unknown_;
  entry.group = {.id = id, .path = std::string(path), .first_seen = since};
  changed_ = true;
}

void CgroupIndex::collect_living() {
  changed_ = false;
  living_.clear();
  for (const auto& [id, entry] : entries_) {
    if (entry.last_walk == walk_number_) living_.push_back(&entry.group);
  }
  std::ranges::sort(living_, {}, [](const Cgroup* group) { return std::string_view(group->path); });
  living_count_.store(living_.size(), std::memory_order_relaxed);
}

// Removed groups go after kKeep, sooner when many come and go, so that memory stays bounded; then
// those first that nobody asks for any more.
void CgroupIndex::forget_old() {
  const auto most = 4 * limit_ + unknown_;
  for (auto keep = kKeep; keep >= 1s; keep /= 2) {
    std::erase_if(entries_, [&](const auto& pair) {
      const auto& entry = pair.second;
      const auto last =
          keep == kKeep ? entry.last_seen : std::max(entry.last_seen, entry.last_asked);
      if (walk_time_ - last <= keep) return false;
      if (entry.group.path.empty()) --unknown_;
      return true;
    });
    if (entries_.size() <= most) return;
  }
}

}  // namespace plumbline
