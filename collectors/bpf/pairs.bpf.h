/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums by a pair of numbers in an open hash table that user space reads in place (pair_slots.h),
 * for what is too sparse for a field in every group's slot. Include once and call pair_add.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "collectors/bpf/groups.h"
#include "collectors/bpf/pairs.h"

#define PAIR_SLOTS 4096 /* a power of two; 16 bytes each */
#define PAIR_WINDOW 16	/* how far from its home a pair is looked for */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PAIR_SLOTS);
	__type(key, __u32);
	__type(value, struct pair_sum);
} pair_sums SEC(".maps");

/* Returns 0, and adds nothing, when the table has no room. Global: verified once. */
__noinline int pair_add(__u32 slot, __u32 other, __u64 value)
{
	__u64 key = pair_key(slot, other);
	__u32 home = group_home(key);

	for (__u32 i = 0; i < PAIR_WINDOW; i++) {
		__u32 at = (home + i) & (PAIR_SLOTS - 1);
		struct pair_sum *pair = bpf_map_lookup_elem(&pair_sums, &at);
		__u64 before;

		if (!pair)
			return 0;
		before = pair->key;
		if (before == 0)
			before = __sync_val_compare_and_swap(&pair->key, 0, key);
		if (before == 0 || before == key) {
			__sync_fetch_and_add(&pair->sum, value);
			return 1;
		}
	}
	return 0;
}
