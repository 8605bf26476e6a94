// SPDX-License-Identifier: Apache-2.0
// Every parser of kernel text: the first byte of the input chooses one.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/identity/cgroups.h"
#include "collectors/node/cgroup_parsers.h"
#include "collectors/node/cpu.h"
#include "collectors/node/disk.h"
#include "collectors/node/filesystem.h"
#include "collectors/node/load.h"
#include "collectors/node/memory.h"
#include "collectors/node/netstat.h"
#include "collectors/node/network.h"
#include "collectors/node/pressure.h"
#include "collectors/node/schedstat.h"
#include "collectors/node/sockets.h"
#include "collectors/node/softnet.h"
#include "collectors/node/tables.h"

namespace plumbline::node {
namespace {

void take_all(std::string_view text, auto take) {
  while (take(text)) {
  }
}

void proc_stat(std::string_view text) {
  ProcStat out;
  parse_proc_stat(text, out);
}

void meminfo(std::string_view text) {
  auto values = make_meminfo_values();
  parse_list(text, values);
  to_memory_state(values);
}

void netstat(std::string_view text) {
  auto values = make_netstat_values();
  parse_two_lines(text, values);
}

void sockstat(std::string_view text) {
  auto values = make_sockstat_values();
  parse_pairs(text, values);
}

void cgroup_files(std::string_view text) {
  CgroupValues out;
  for (const auto parse : {parse_cpu_stat_v2,
                           parse_cpu_stat_v1,
                           parse_cpuacct_stat,
                           parse_cpu_max,
                           parse_cfs_quota,
                           parse_cfs_period,
                           parse_memory_usage,
                           parse_memory_max,
                           parse_memory_stat_v2,
                           parse_memory_stat_v1,
                           parse_memory_events,
                           parse_oom_control,
                           parse_io_stat,
                           parse_blkio_bytes,
                           parse_blkio_operations,
                           parse_cpu_pressure,
                           parse_pids_current}) {
    parse(text, out);
  }
}

using Parser = void (*)(std::string_view text);
constexpr std::array<Parser, 13> kParsers{
    proc_stat,
    meminfo,
    netstat,
    sockstat,
    cgroup_files,
    [](std::string_view text) { take_all(text, take_disk); },
    [](std::string_view text) { take_all(text, take_interface); },
    [](std::string_view text) { take_all(text, take_cpu_schedule); },
    [](std::string_view text) {
      take_all(text, [](std::string_view& rest) { return take_softnet(rest, 0); });
    },
    [](std::string_view text) { parse_loadavg(text); },
    [](std::string_view text) { parse_stat_table(text); },
    [](std::string_view text) { parse_mounts(text); },
    [](std::string_view text) { parse_cgroup_mounts(text); },
};

}  // namespace
}  // namespace plumbline::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Letters, so that a corpus can be written by hand.
  const auto choice = (data[0] - 'a' + 256U) % plumbline::node::kParsers.size();
  // A copy without the first byte, so that the address sanitizer sees both ends.
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  plumbline::node::kParsers[choice](text);
  return 0;
}
