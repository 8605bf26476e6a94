/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What both sides of the per-cgroup counters agree on; see groups.bpf.h and group_slots.h. */
#pragma once

#include <linux/types.h>

/* The slot of everything that has no slot of its own. */
#define GROUPS_OVERFLOW 0
/* A group is looked for in this many slots from each of two places. A hit normally needs one step;
 * the second place is for when the first is crowded, as after growing. */
#define GROUPS_WINDOW 16
#define GROUPS_STEPS (2 * GROUPS_WINDOW)

/* Both places in one number. Ids of neighbours differ by the number of files in a group's
 * directory: one multiplication would line them up. */
static inline __u32 group_home(__u64 id)
{
	__u64 mixed = id * 0x9E3779B97F4A7C15ULL;

	mixed = (mixed ^ mixed >> 32) * 0x9E3779B97F4A7C15ULL;
	return (__u32)(mixed >> 32);
}

/* The slot to look at in this step, before the mask. */
static inline __u32 group_place(__u32 home, __u32 step)
{
	return step < GROUPS_WINDOW ? home + step : (home >> 16) + step - GROUPS_WINDOW;
}

/* Whose ids are used: the v2 hierarchy's or those of one v1 controller. */
enum group_hierarchy_kind {
	GROUPS_UNIFIED = 0,
	GROUPS_MEMORY = 1,
	GROUPS_PIDS = 2,
	GROUPS_CPU = 3,
};
