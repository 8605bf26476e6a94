// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/filesystem.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "agent/identity/mount_field.h"
#include "collectors/node/text.h"

namespace plumbline::node {
namespace {

// Sorted.
constexpr std::array<std::string_view, 30> kNotMeasured{
    "autofs",     "binfmt_misc", "bpf",      "cgroup",   "cgroup2", "configfs",
    "debugfs",    "devpts",      "devtmpfs", "efivarfs", "erofs",   "fuse.lxcfs",
    "fusectl",    "hugetlbfs",   "iso9660",  "mqueue",   "nsfs",    "overlay",
    "proc",       "pstore",      "ramfs",    "resctrl",  "rootfs",  "rpc_pipefs",
    "securityfs", "selinuxfs",   "smackfs",  "squashfs", "sysfs",   "tracefs"};
static_assert(std::ranges::is_sorted(kNotMeasured));

constexpr std::array<std::string_view, 16> kRemote{"9p",
                                                   "afs",
                                                   "beegfs",
                                                   "ceph",
                                                   "cifs",
                                                   "davfs",
                                                   "glusterfs",
                                                   "gpfs",
                                                   "lustre",
                                                   "ncpfs",
                                                   "nfs",
                                                   "nfs4",
                                                   "ocfs2",
                                                   "smb3",
                                                   "smbfs",
                                                   "virtiofs"};
static_assert(std::ranges::is_sorted(kRemote));

// Where temporary file systems are made by the hundred.
constexpr std::array<std::string_view, 8> kPrivatePlaces{"/dev/",
                                                         "/run/containerd/",
                                                         "/run/credentials/",
                                                         "/run/netns/",
                                                         "/run/user/",
                                                         "/var/lib/containers/",
                                                         "/var/lib/docker/",
                                                         "/var/lib/kubelet/"};

bool is_measured(const Mount& mount) {
  if (std::ranges::binary_search(kNotMeasured, std::string_view(mount.type))) return false;
  if (mount.type != "tmpfs" || mount.point == "/dev/shm") return true;
  return std::ranges::none_of(
      kPrivatePlaces, [&](std::string_view place) { return mount.point.starts_with(place); });
}

// Empty `point` when the line makes no sense.
Mount parse_mount(std::string_view line) {
  Mount out;
  const auto dash = line.find(" - ");
  if (dash == std::string_view::npos) return out;
  auto tail = line.substr(dash + 3);
  line = line.substr(0, dash);
  take_word(line);  // mount id
  take_word(line);  // parent id
  out.number = take_word(line);
  take_word(line);  // root inside the file system
  out.point = unescape_mount_field(take_word(line));
  auto options = take_word(line);
  out.type = take_word(tail);
  out.device = unescape_mount_field(take_word(tail));
  auto super_options = take_word(tail);
  const bool read_only = take_until(options, ',') == "ro" || take_until(super_options, ',') == "ro";
  out.mode = read_only ? "ro" : "rw";
  if (out.type.empty()) out.point.clear();
  return out;
}

}  // namespace

bool Mount::is_remote() const {
  return type.starts_with("fuse") || std::ranges::binary_search(kRemote, std::string_view(type));
}

MountTable parse_mounts(std::string_view mountinfo) {
  MountTable out;
  std::unordered_map<std::string, std::size_t> seen;
  while (!mountinfo.empty()) {
    auto mount = parse_mount(take_line(mountinfo));
    if (mount.point.empty() || !is_measured(mount)) continue;
    const auto known = seen.find(mount.number);
    const auto hidden = std::ranges::find(out.mounts, mount.point, &Mount::point);
    if (known != seen.end()) {
      auto& first = out.mounts[known->second];
      if (mount.point.size() < first.point.size()) first = std::move(mount);
    } else if (hidden != out.mounts.end()) {  // by what was mounted over it
      seen.emplace(mount.number, static_cast<std::size_t>(hidden - out.mounts.begin()));
      *hidden = std::move(mount);
    } else if (out.mounts.size() == MountTable::kMax) {
      ++out.over_limit;
    } else {
      seen.emplace(mount.number, out.mounts.size());
      out.mounts.push_back(std::move(mount));
    }
  }
  std::ranges::stable_partition(out.mounts, [](const Mount& mount) { return !mount.is_remote(); });
  return out;
}

}  // namespace plumbline::node
