// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cgroup_files.h"

#include <fcntl.h>

#include "collectors/node/cgroup_parsers.h"

namespace plumbline::node {
namespace {

using Slot = CgroupValues::Slot;

void read_file(int group, const char* name, ReadBuffer& buffer, auto parse, CgroupValues& out) {
  const Fd file(::openat(group, name, O_RDONLY | O_CLOEXEC));
  if (!file) return;  // the root group lacks most, others what is not enabled for them
  if (const auto text = buffer.read(file.get())) parse(*text, out);
}

}  // namespace

CgroupFiles::CgroupFiles(const CgroupMounts& mounts) {
  const auto v1 = [&](const char* controller) {
    const auto found = mounts.v1.find(controller);
    return found == mounts.v1.end() ? std::filesystem::path{} : found->second;
  };
  if (const auto root = v1("cpuacct"); !root.empty()) {
    add(root, "cpuacct", {{"cpuacct.stat", parse_cpuacct_stat}});
    add(v1("cpu"),
        "cpu",
        {{"cpu.stat", parse_cpu_stat_v1},
         {"cpu.cfs_quota_us", parse_cfs_quota},
         {"cpu.cfs_period_us", parse_cfs_period}});
  } else {  // v2 tells the time of its groups even without the controller
    add(mounts.unified, "cpu", {{"cpu.stat", parse_cpu_stat_v2}, {"cpu.max", parse_cpu_max}});
  }
  has_cpu_time_ = !roots_.empty();
  if (const auto root = v1("memory"); !root.empty()) {
    add(root,
        "memory",
        {{"memory.usage_in_bytes", parse_memory_usage},
         {"memory.stat", parse_memory_stat_v1},
         {"memory.oom_control", parse_oom_control},
         {"memory.failcnt", parse_memory_failcnt}});
  } else {
    add(mounts.root_of("memory"),
        "memory",
        {{"memory.current", parse_memory_usage},
         {"memory.max", parse_memory_max},
         {"memory.swap.current", parse_memory_swap},
         {"memory.stat", parse_memory_stat_v2},
         {"memory.events", parse_memory_events}});
  }
  if (const auto root = v1("blkio"); !root.empty()) {
    add(root,
        "io",
        {{"blkio.throttle.io_service_bytes_recursive", parse_blkio_bytes},
         {"blkio.throttle.io_serviced_recursive", parse_blkio_operations}});
  } else {
    add(mounts.root_of("io"), "io", {{"io.stat", parse_io_stat}});
  }
  add(mounts.root_of("pids"), "pids", {{"pids.current", parse_pids_current}});
  if (!mounts.unified.empty()) {
    add(mounts.unified,
        "pressure",
        {{"cpu.pressure", parse_cpu_pressure},
         {"memory.pressure", parse_memory_pressure},
         {"io.pressure", parse_io_pressure}});
  }
}

void CgroupFiles::add(const std::filesystem::path& root,
                      std::string_view controller,
                      std::vector<File> files) {
  Fd directory(root.empty() ? -1 : ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory) {
    roots_.push_back({.directory = std::move(directory), .files = std::move(files)});
  } else {
    missing_.append(missing_.empty() ? "" : ", ").append(controller);
  }
}

Fd CgroupFiles::open_group(const Root& root, std::string_view path) {
  path_ = ".";
  path_ += path;
  return Fd(::openat(root.directory.get(), path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

double CgroupFiles::read_cpu_time(std::string_view path, ReadBuffer& buffer) {
  if (!has_cpu_time_) return kAbsent;
  cpu_values_.clear();
  const auto& root = roots_.front();
  if (const auto group = open_group(root, path)) {
    read_file(group.get(), root.files.front().name, buffer, root.files.front().parse, cpu_values_);
  }
  return cpu_values_.slots[Slot::kCpuUser] + cpu_values_.slots[Slot::kCpuSystem];
}

void CgroupFiles::read(std::string_view path, ReadBuffer& buffer, CgroupValues& out) {
  out.clear();
  for (const auto& root : roots_) {
    const auto group = open_group(root, path);
    if (!group) continue;
    for (const auto& file : root.files) {
      read_file(group.get(), file.name, buffer, file.parse, out);
    }
  }
  const auto working_set = out.slots[Slot::kMemoryUsage] - out.inactive_file;
  // The two were read one after the other: less than nothing is nothing, absent stays absent.
  out.slots[Slot::kMemoryWorkingSet] = working_set < 0 ? 0 : working_set;
}

}  // namespace plumbline::node
