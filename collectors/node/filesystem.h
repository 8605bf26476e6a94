// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline::node {

// A mounted file system as mountinfo has it.
struct Mount {
  std::string number;  // "254:0": one for each file system, however often it is mounted
  std::string device;  // "/dev/vda", "server:/export"
  std::string point;
  std::string type;
  std::string mode;  // "rw" or "ro"

  // A server may have to answer: it may never.
  bool is_remote() const;
};

struct MountTable {
  // A node has some dozens; a container host whose volumes are disks may have hundreds.
  static constexpr std::size_t kMax = 512;
  std::vector<Mount> mounts;  // local ones first, then in the order of the table
  std::uint64_t over_limit = 0;
};

// The mounts of a mountinfo file (proc(5)) that are measured. Left out are
// - file systems that store nothing: those of the kernel (proc, sysfs, cgroup, …) by type;
// - overlay, squashfs and the like: their space is that of another one, or always full;
// - every mount of a file system but the first with the shortest path: bind mounts;
// - temporary ones that container runtimes and systemd make for each container or service.
MountTable parse_mounts(std::string_view mountinfo);

}  // namespace plumbline::node
