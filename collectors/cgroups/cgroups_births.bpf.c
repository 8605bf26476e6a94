// SPDX-License-Identifier: GPL-2.0
/* Groups made and removed, told at once: a job of some milliseconds is gone before anybody has
 * walked the hierarchy. */
#include "collectors/bpf/group_id.bpf.h"
#include "collectors/cgroups/cgroups_events.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id; /* 0: the v2 hierarchy */
};

struct cgroup___in_root {
	struct cgroup_root *root;
};
#pragma clang attribute pop

/* Some 1,500 groups with paths of the usual length; it is emptied once a second and whenever a name
 * is looked for. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} cgroup_events SEC(".maps");

/* Where an event is put together: the kernel makes and removes groups under one lock. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgroup_event);
} cgroup_scratch SEC(".maps");

__u64 cgroup_events_lost = 0;

static __always_inline bool has_controller(struct cgroup_root *root, __u64 controller)
{
	return root->subsys_mask >> controller & 1;
}

/* Whether its id is one that task_group_id gives. */
static __always_inline bool in_used_hierarchy(struct cgroup *group)
{
	struct cgroup_root *root = ((struct cgroup___in_root *)group)->root;

	if (group_hierarchy == GROUPS_MEMORY)
		return has_controller(root,
				      bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	if (group_hierarchy == GROUPS_PIDS)
		return has_controller(root,
				      bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (group_hierarchy == GROUPS_CPU)
		return has_controller(root,
				      bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id));
	return root->hierarchy_id == 0;
}

static __always_inline void tell(struct cgroup *group, __u32 kind, const char *path)
{
	__u32 first = 0;
	struct cgroup_event *event;
	long length = 0;

	if (!in_used_hierarchy(group))
		return;
	event = bpf_map_lookup_elem(&cgroup_scratch, &first);
	if (!event)
		return;
	if (path)
		length = bpf_probe_read_kernel_str(event->path, sizeof(event->path), path);
	if (length < 0 || length > CGROUP_PATH_BYTES)
		length = 0;
	event->id = group->kn->id;
	event->time_ns = bpf_ktime_get_ns();
	event->kind = kind;
	event->length = length > 0 ? length - 1 : 0;
	if (bpf_ringbuf_output(&cgroup_events, event, offsetof(struct cgroup_event, path) + length,
			       BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&cgroup_events_lost, 1);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *group, const char *path)
{
	tell(group, CGROUP_MADE, path);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *group, const char *path)
{
	tell(group, CGROUP_REMOVED, 0);
	return 0;
}
