/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What the programs of this folder count per group and memory.cc reads. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

struct oom_count {
	__u64 count;
};

struct reclaim_stalls {
	struct latency_histogram duration;
	__u64 pages; /* that the stalled threads freed */
};
