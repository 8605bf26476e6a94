// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fstream>
#include <iterator>

#include "agent/identity/cgroups.h"
#include "agent/identity/mount_field.h"

namespace plumbline {
namespace {

// The controllers of v1 that are known; other words in its mount options are not controllers.
constexpr std::array<std::string_view, 13> kControllers{"cpu",
                                                        "cpuacct",
                                                        "cpuset",
                                                        "memory",
                                                        "blkio",
                                                        "pids",
                                                        "devices",
                                                        "freezer",
                                                        "hugetlb",
                                                        "net_cls",
                                                        "net_prio",
                                                        "perf_event",
                                                        "rdma"};

// Takes the text up to `separator` off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

// The first mount wins unless only a later one shows the whole hierarchy: containers often have
// a part of it bind-mounted elsewhere.
void set_root(std::filesystem::path& root, bool& whole, std::string_view point, bool is_whole) {
  if (!root.empty() && (whole || !is_whole)) return;
  root = unescape_mount_field(point);
  whole = is_whole;
}

}  // namespace

std::string_view to_string(CgroupMode mode) {
  switch (mode) {
    case CgroupMode::kUnified:
      return "v2";
    case CgroupMode::kHybrid:
      return "v1 and v2";
    case CgroupMode::kLegacy:
      return "v1";
    case CgroupMode::kNone:
      break;
  }
  return "none";
}

CgroupMounts parse_cgroup_mounts(std::string_view mountinfo) {
  CgroupMounts mounts;
  bool unified_whole = false;
  std::unordered_map<std::string, bool> v1_whole;
  while (!mountinfo.empty()) {
    auto line = take(mountinfo, '\n');
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    auto tail = line.substr(dash + 3);
    line = line.substr(0, dash);
    for (int skipped = 0; skipped < 3; ++skipped) take(line, ' ');  // ids and device number
    const bool whole = take(line, ' ') == "/";
    const auto point = take(line, ' ');
    const auto type = take(tail, ' ');
    if (point.empty()) continue;
    if (type == "cgroup2") set_root(mounts.unified, unified_whole, point, whole);
    if (type != "cgroup") continue;
    take(tail, ' ');  // source
    while (!tail.empty()) {
      const auto option = take(tail, ',');
      for (const auto controller : kControllers) {
        if (option != controller) continue;
        const std::string name(controller);
        set_root(mounts.v1[name], v1_whole[name], point, whole);
      }
    }
  }
  if (!mounts.unified.empty()) {
    mounts.mode = mounts.v1.empty() ? CgroupMode::kUnified : CgroupMode::kHybrid;
  } else if (!mounts.v1.empty()) {
    mounts.mode = CgroupMode::kLegacy;
  }
  return mounts;
}

Result<CgroupMounts> find_cgroup_mounts(const std::filesystem::path& proc) {
  const auto path = proc / "self" / "mountinfo";
  errno = 0;
  std::ifstream file(path);
  if (!file) return errno_error(errno, "cannot open " + path.string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return errno_error(errno, "cannot read " + path.string());
  return parse_cgroup_mounts(text);
}

std::filesystem::path CgroupMounts::root_of(std::string_view controller) const {
  if (const auto found = v1.find(std::string(controller)); found != v1.end()) return found->second;
  if (unified.empty()) return {};
  std::ifstream file(unified / "cgroup.controllers");
  for (std::string name; file >> name;) {
    if (name == controller) return unified;
  }
  return {};
}

}  // namespace plumbline
