// SPDX-License-Identifier: GPL-2.0
/*
 * Everything the scheduler collector counts, from sched_switch alone: the kernel itself keeps, per
 * task, since when it waits for a CPU (sched_info, as in /proc/PID/schedstat), so there is no
 * wake-up hook, no clock read and no state per task of ours.
 */
#include "collectors/bpf/groups.bpf.h"
#include "collectors/bpf/pairs.bpf.h"
#include "collectors/sched/sched_events.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct___sched {
	unsigned int __state; /* 0: runnable */
	unsigned int in_iowait : 1;
	int exit_state; /* not 0 once it has ended and will not run again */
};
#pragma clang attribute pop

const volatile struct latency_tables latency = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, struct sched_group);
} group_values SEC(".maps");

#define HOLDERS 8	  /* a power of two */
#define NOBODY 0xffffffff /* the idle task */

/* Who had this CPU lately, the present one at `head`. */
struct holders {
	__u32 head;
	__u32 reserved;
	struct {
		__u64 since; /* 0: before we were here */
		__u32 slot;
		__u32 reserved;
	} ring[HOLDERS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct holders);
} cpu_holders SEC(".maps");

/* Run-queue clock at the first switch we saw: time before it is not ours. */
__u64 first_clock = 0;

/* Who ran between `from` and `now` on this CPU, as far back as we remember. */
static __noinline int blame(struct holders *cpu, __u32 victim, __u64 from, __u64 now)
{
	struct sched_group *group = bpf_map_lookup_elem(&group_values, &victim);
	__u64 until = now;

	if (!cpu || !group)
		return 0;
	for (__u32 i = 0; i < HOLDERS && until > from; i++) {
		__u32 at = (cpu->head - i) & (HOLDERS - 1);
		__u64 since = cpu->ring[at].since;
		__u32 slot = cpu->ring[at].slot;

		if (since == 0 || since > until)
			break;
		if (since < from)
			since = from;
		if (slot == NOBODY || !pair_add(victim, slot, until - since))
			__sync_fetch_and_add(&group->unblamed_ns, until - since);
		until = since;
	}
	if (until > from)
		__sync_fetch_and_add(&group->unblamed_ns, until - from);
	return 0;
}

static __always_inline void add_off_cpu(struct sched_group *group, struct task_struct *task,
					__s64 ns)
{
	struct task_struct___sched *flags = (void *)task;

	/* What its last run would take away no wake-up will give back. */
	if (flags->exit_state)
		return;
	if (BPF_CORE_READ_BITFIELD(flags, in_iowait))
		__sync_fetch_and_add(&group->io_wait_ns, ns);
	else
		__sync_fetch_and_add(&group->sleep_ns, ns);
}

static __always_inline __u64 since_first(__u64 clock)
{
	return clock > first_clock ? clock : first_clock;
}

static __always_inline void leave(struct task_struct *task, __u32 slot, bool preempted, __u64 now)
{
	struct sched_group *group = bpf_map_lookup_elem(&group_values, &slot);
	struct task_struct___sched *flags = (void *)task;
	__u64 arrived = task->sched_info.last_arrival;

	if (!group)
		return;
	if (preempted || flags->__state == 0)
		__sync_fetch_and_add(&group->involuntary, 1);
	else
		__sync_fetch_and_add(&group->voluntary, 1);
	if (arrived && now > since_first(arrived))
		add_off_cpu(group, task, -(__s64)(now - since_first(arrived)));
}

static __always_inline void arrive(struct task_struct *task, __u32 slot, struct holders *cpu,
				   __u64 now)
{
	struct sched_group *group = bpf_map_lookup_elem(&group_values, &slot);
	__u64 arrived = task->sched_info.last_arrival;
	__u64 queued = task->sched_info.last_queued;
	__u64 wait;

	if (!group || !queued)
		return;
	/* The clock is this CPU's, the stamp may be another's: a little "before" is no wait. */
	wait = now > queued ? now - queued : 0;
	latency_record(&latency, &group->wait, wait);
	if (arrived && queued > since_first(arrived))
		add_off_cpu(group, task, (__s64)(queued - since_first(arrived)));
	if (wait >= SCHED_BLAME_NS)
		blame(cpu, slot, queued, now);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	__u64 now = next->se.cfs_rq->rq->clock;
	__u32 zero = 0, prev_slot, next_slot = NOBODY, head;
	struct holders *cpu = bpf_map_lookup_elem(&cpu_holders, &zero);

	if (!cpu || !now)
		return 0;
	if (!first_clock)
		first_clock = now;
	head = cpu->head & (HOLDERS - 1);
	if (prev->pid) {
		prev_slot =
		    cpu->ring[head].since ? cpu->ring[head].slot : group_slot(task_group_id(prev));
		leave(prev, prev_slot, preempted, now);
	}
	if (next->pid) {
		next_slot = group_slot(task_group_id(next));
		arrive(next, next_slot, cpu, now);
	}
	head = (head + 1) & (HOLDERS - 1);
	cpu->head = head;
	cpu->ring[head].since = now;
	cpu->ring[head].slot = next_slot;
	return 0;
}
