/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What sched_switch.bpf.c counts and sched.cc reads. All counters since they were last taken. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

/* Waits at least this long are blamed on somebody. Shorter ones are normal time slicing, and in a
 * switch storm nearly all are shorter. */
#define SCHED_BLAME_NS 1000000

struct sched_group {
	struct latency_histogram wait; /* from runnable to running */
	/* Time between running and being runnable again. Added when a task comes back, less the
	 * time it ran before, which is subtracted when it leaves: exact once both have happened. */
	__s64 io_wait_ns;
	__s64 sleep_ns;
	__u64 unblamed_ns; /* of waits of SCHED_BLAME_NS and more: the holder is not known */
	__u32 voluntary;   /* switches away from a task of the group that blocked or slept */
	__u32 involuntary; /* that was still runnable */
};
