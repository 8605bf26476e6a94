/* SPDX-License-Identifier: GPL-2.0 */
/* Which group a task belongs to, for programs that keep no table of groups. */
#pragma once

#include "collectors/bpf/groups.h"
#include "collectors/bpf/kernel_types.bpf.h"

const volatile __u32 group_hierarchy = GROUPS_UNIFIED;

/* The id of the task's group in the hierarchy where this machine keeps its groups. */
static __always_inline __u64 task_group_id(struct task_struct *task)
{
	struct css_set *set = task->cgroups;

	if (group_hierarchy == GROUPS_MEMORY)
		return set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]
		    ->cgroup->kn->id;
	if (group_hierarchy == GROUPS_PIDS)
		return set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]
		    ->cgroup->kn->id;
	if (group_hierarchy == GROUPS_CPU)
		return set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id)]
		    ->cgroup->kn->id;
	return set->dfl_cgrp->kn->id;
}
