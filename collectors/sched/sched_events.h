/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What sched_switch.bpf.c counts and sched.cc reads. All counters since they were last taken. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

/* Waits at least this long are blamed on somebody. Shorter ones are normal time slicing, and in a
 * switch storm nearly all are shorter. */
#define SCHED_BLAME_NS 1000000
#define SCHED_PAIRS 4096 /* a power of two; 16 bytes each */

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

struct sched_pair {
	__u64 key; /* 0: free; else sched_pair_key */
	__u64 ns;  /* how long the victim waited while the culprit ran */
};

#define SCHED_PAIR_USED (1ULL << 63)

static inline __u64 sched_pair_key(__u32 victim_slot, __u32 culprit_slot)
{
	return SCHED_PAIR_USED | (__u64)victim_slot << 32 | culprit_slot;
}

static inline __u32 sched_pair_victim(__u64 key)
{
	return (__u32)(key >> 32) & 0x7fffffff;
}

static inline __u32 sched_pair_culprit(__u64 key)
{
	return (__u32)key;
}
