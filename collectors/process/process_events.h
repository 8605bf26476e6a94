/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What the programs of this folder count per group and process.cc reads. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

/* process_fork.bpf.c, process_exec.bpf.c */
struct process_count {
	__u64 count;
};

/* process_exit.bpf.c; exits by status are in the table of pairs, other = status as wait(2) has it
 */
struct process_exits {
	struct latency_histogram lifetime; /* from fork to exit; the range from 2^-10 s */
	__u64 status_lost; /* exits whose status found no room in the table of pairs */
};
