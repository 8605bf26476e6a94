/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters per cgroup without a map operation: a slot number is a position in an open hash table of
 * cgroup ids, and the values lie at the same position of a second array. User space maps both into
 * its memory, takes the counts by atomic exchange, and empties the slots of groups that are gone.
 *
 * A program file includes this once, declares `group_values` with its own value type, and calls
 * group_slot(task_group_id(task)).
 */
#pragma once

#include "collectors/bpf/group_id.bpf.h"
#include "collectors/bpf/groups.h"
#include "collectors/bpf/kernel_types.bpf.h"

/* Slots in use - 1, a power of two less one. User space begins with few and allows more when they
 * fill up: it only holds the memory of those. */
__u32 group_mask = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, __u64);
} group_ids SEC(".maps");

/* The rest of group_slot: a group that is not where most are, or that is seen for the first time.
 * Two CPUs that meet here take the same slot. When user space empties a slot at that moment, or
 * allows more slots, a group may get a second one; the reader adds both.
 * Global, so that the verifier looks at it once and not at each call. */
__noinline __u32 group_find(__u64 id)
{
	__u32 home = group_home(id);
	__u32 mask = group_mask;

	for (__u32 i = 0; i < GROUPS_STEPS; i++) {
		__u32 slot = group_place(home, i) & mask;
		__u64 *held = bpf_map_lookup_elem(&group_ids, &slot);

		if (held && *held == id && slot != GROUPS_OVERFLOW)
			return slot;
	}
	for (__u32 i = 0; i < GROUPS_STEPS; i++) {
		__u32 slot = group_place(home, i) & mask;
		__u64 *held = bpf_map_lookup_elem(&group_ids, &slot);
		__u64 before;

		if (!held || slot == GROUPS_OVERFLOW)
			continue;
		before = __sync_val_compare_and_swap(held, 0, id);
		if (before == 0 || before == id)
			return slot;
	}
	return GROUPS_OVERFLOW;
}

/* Where this group counts; GROUPS_OVERFLOW when the table has no room left for it. */
static __always_inline __u32 group_slot(__u64 id)
{
	__u32 slot = group_home(id) & group_mask;
	__u64 *held = bpf_map_lookup_elem(&group_ids, &slot);

	if (held && *held == id && slot != GROUPS_OVERFLOW)
		return slot;
	return group_find(id);
}
