// SPDX-License-Identifier: GPL-2.0
/* Programs executed, by the group of the process. */
#include "collectors/bpf/groups.bpf.h"
#include "collectors/process/process_events.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, struct process_count);
} group_values SEC(".maps");

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_process_exec, struct task_struct *task)
{
	__u32 slot = group_slot(task_group_id(task));
	struct process_count *group = bpf_map_lookup_elem(&group_values, &slot);

	if (group)
		__sync_fetch_and_add(&group->count, 1);
	return 0;
}
