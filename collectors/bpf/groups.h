/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What both sides of the per-cgroup counters agree on; see groups.bpf.h and group_slots.h. */
#pragma once

/* The slot of everything that has no slot of its own. */
#define GROUPS_OVERFLOW 0
/* How far from its home a group is looked for. Up to a load of 80 % that is enough in practice;
 * a hit normally needs one or two steps. */
#define GROUPS_WINDOW 32

/* Whose ids are used: the v2 hierarchy's or those of one v1 controller. */
enum group_hierarchy_kind {
	GROUPS_UNIFIED = 0,
	GROUPS_MEMORY = 1,
	GROUPS_PIDS = 2,
	GROUPS_CPU = 3,
};
