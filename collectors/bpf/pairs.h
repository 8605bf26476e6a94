/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Sums by (slot of a group, something else of 32 bits): both sides' view of pairs.bpf.h. */
#pragma once

#include <linux/types.h>

struct pair_sum {
	__u64 key; /* 0: free; else pair_key */
	__u64 sum; /* since the reader last took it */
};

#define PAIR_USED (1ULL << 63)

static inline __u64 pair_key(__u32 slot, __u32 other)
{
	return PAIR_USED | (__u64)slot << 32 | other;
}

static inline __u32 pair_slot(__u64 key)
{
	return (__u32)(key >> 32) & 0x7fffffff;
}

static inline __u32 pair_other(__u64 key)
{
	return (__u32)key;
}
