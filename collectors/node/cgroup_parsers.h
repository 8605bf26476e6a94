// SPDX-License-Identifier: Apache-2.0
//
// The files of a control group, each as a function of its text. What a text does not have stays
// as it was in `out`. v1 and v2 name the same things differently.
#pragma once

#include <string_view>

#include "collectors/node/cgroup_values.h"

namespace plumbline::node {

// cpu.stat of v2: usage in microseconds, throttling where the controller is enabled.
void parse_cpu_stat_v2(std::string_view text, CgroupValues& out);
// cpu.stat of v1: throttling only, nanoseconds.
void parse_cpu_stat_v1(std::string_view text, CgroupValues& out);
// cpuacct.stat of v1: user and system in ticks of USER_HZ.
void parse_cpuacct_stat(std::string_view text, CgroupValues& out);
// cpu.max of v2: "max 100000", "150000 100000".
void parse_cpu_max(std::string_view text, CgroupValues& out);
// cpu.cfs_quota_us of v1 (-1: no limit), then cpu.cfs_period_us.
void parse_cfs_quota(std::string_view text, CgroupValues& out);
void parse_cfs_period(std::string_view text, CgroupValues& out);

// memory.current of v2, memory.usage_in_bytes of v1.
void parse_memory_usage(std::string_view text, CgroupValues& out);
// memory.max of v2: "max" or bytes.
void parse_memory_max(std::string_view text, CgroupValues& out);
void parse_memory_swap(std::string_view text, CgroupValues& out);
void parse_memory_stat_v2(std::string_view text, CgroupValues& out);
// v1: hierarchical totals, and the limit that holds for the group.
void parse_memory_stat_v1(std::string_view text, CgroupValues& out);
void parse_memory_events(std::string_view text, CgroupValues& out);
// v1: memory.oom_control and memory.failcnt.
void parse_oom_control(std::string_view text, CgroupValues& out);
void parse_memory_failcnt(std::string_view text, CgroupValues& out);

// io.stat of v2: "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0".
void parse_io_stat(std::string_view text, CgroupValues& out);
// v1: "254:0 Read 123" lines of bytes, and of operations.
void parse_blkio_bytes(std::string_view text, CgroupValues& out);
void parse_blkio_operations(std::string_view text, CgroupValues& out);

void parse_cpu_pressure(std::string_view text, CgroupValues& out);
void parse_memory_pressure(std::string_view text, CgroupValues& out);
void parse_io_pressure(std::string_view text, CgroupValues& out);
// pids.current of both.
void parse_pids_current(std::string_view text, CgroupValues& out);

}  // namespace plumbline::node
