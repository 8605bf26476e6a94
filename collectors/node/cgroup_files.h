// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/fd.h"
#include "agent/identity/cgroups.h"
#include "collectors/node/cgroup_values.h"
#include "collectors/node/text_file.h"

namespace plumbline::node {

// The files that are read of each group, chosen once by where each controller is mounted.
class CgroupFiles {
 public:
  explicit CgroupFiles(const CgroupMounts& mounts);

  bool empty() const { return roots_.empty(); }
  // Controllers that are mounted nowhere: "io, pids". Empty when all are there.
  const std::string& missing() const { return missing_; }

  // Only the CPU time, as the cheapest sign of life. kAbsent when this group has none.
  double read_cpu_time(std::string_view path, ReadBuffer& buffer);
  // Everything; what cannot be read is absent in `out`.
  void read(std::string_view path, ReadBuffer& buffer, CgroupValues& out);

 private:
  using Parser = void (*)(std::string_view text, CgroupValues& out);
  struct File {
    const char* name;
    Parser parse;
  };
  // The files of one hierarchy.
  struct Root {
    Fd directory;
    std::vector<File> files;
  };

  void add(const std::filesystem::path& root, std::string_view controller, std::vector<File> files);
  Fd open_group(const Root& root, std::string_view path);

  std::vector<Root> roots_;  // the first one has the CPU time in its first file
  bool has_cpu_time_ = false;
  std::string missing_;
  std::string path_;         // room
  CgroupValues cpu_values_;  // room
};

}  // namespace plumbline::node
