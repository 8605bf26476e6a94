// SPDX-License-Identifier: GPL-2.0
/* Processes ended, by group and status, and how long they lived. */
#include "collectors/bpf/groups.bpf.h"
#include "collectors/bpf/pairs.bpf.h"
#include "collectors/process/process_events.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct signal_struct {
	unsigned int flags;
	int group_exit_code;
	struct task_struct *group_exec_task;
};

struct signal_struct___before_5_17 {
	struct task_struct *group_exit_task;
};

struct task_struct___exit {
	int exit_code;
	__u64 start_time; /* ns of CLOCK_MONOTONIC */
	struct signal_struct *signal;
};
#pragma clang attribute pop

#define SIGNAL_GROUP_EXIT 0x4 /* include/linux/sched/signal.h; the same since 2.6 */

const volatile struct latency_tables latency = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, struct process_exits);
} group_values SEC(".maps");

/* A thread that calls execve ends all others, the first thread included: no process ends. */
static __always_inline bool in_exec(struct signal_struct *signal)
{
	struct signal_struct___before_5_17 *old = (void *)signal;

	if (bpf_core_field_exists(signal->group_exec_task))
		return signal->group_exec_task;
	return old->group_exit_task;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_process_exit, struct task_struct *task)
{
	struct task_struct___exit *self = (void *)task;
	struct signal_struct *signal = self->signal;
	struct process_exits *group;
	__u32 slot, status;

	/* The first thread stands for the process: it nearly always ends with it. */
	if (task->pid != task->tgid || in_exec(signal))
		return 0;
	status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : self->exit_code;
	slot = group_slot(task_group_id(task));
	group = bpf_map_lookup_elem(&group_values, &slot);
	if (!group)
		return 0;
	latency_record(&latency, &group->lifetime, bpf_ktime_get_ns() - self->start_time);
	if (!pair_add(slot, status, 1))
		__sync_fetch_and_add(&group->status_lost, 1);
	return 0;
}
