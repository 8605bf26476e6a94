/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long threads stand still because they must free memory themselves. A program file includes
 * this and calls stall_begin and stall_end from one pair of tracepoints.
 */
#pragma once

#include "collectors/bpf/groups.bpf.h"
#include "collectors/memory/memory_events.h"

const volatile struct latency_tables latency = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, struct reclaim_stalls);
} group_values SEC(".maps");

/* When a thread began, by its id. Allocated ahead: memory is short when this is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, __u32);
	__type(value, __u64);
} stall_started SEC(".maps");

/* Stalls that found no room above. */
__u64 stalls_lost = 0;

static __always_inline int stall_begin(void)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	if (bpf_map_update_elem(&stall_started, &thread, &now, BPF_ANY))
		__sync_fetch_and_add(&stalls_lost, 1);
	return 0;
}

static __always_inline int stall_end(unsigned long pages)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	__u64 *started = bpf_map_lookup_elem(&stall_started, &thread);
	struct reclaim_stalls *group;
	__u64 took;
	__u32 slot;

	if (!started)
		return 0;
	took = bpf_ktime_get_ns() - *started;
	bpf_map_delete_elem(&stall_started, &thread);
	slot = group_slot(task_group_id(bpf_get_current_task_btf()));
	group = bpf_map_lookup_elem(&group_values, &slot);
	if (!group)
		return 0;
	latency_record(&latency, &group->duration, took);
	if (pages)
		__sync_fetch_and_add(&group->pages, pages);
	return 0;
}
