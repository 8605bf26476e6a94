// SPDX-License-Identifier: GPL-2.0
/*
 * Victims of the OOM killer, by their group. The killer sends SIGKILL and then, on the same thread,
 * marks its victim. Either alone would count too much: threads that are about to end anyway are
 * marked too, and others send SIGKILL. User space loads one of the two programs for the mark.
 */
#include "collectors/bpf/groups.bpf.h"
#include "collectors/memory/memory_events.h"

char LICENSE[] SEC("license") = "GPL";

#define SIGKILL 9
#define FROM_KERNEL 1 /* SEND_SIG_PRIV, include/linux/sched/signal.h */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u32);
	__type(value, struct oom_count);
} group_values SEC(".maps");

struct killed {
	int pid;
	__u32 slot;
};

/* Whom a thread has killed last in the name of the kernel, by its id. A killer marks at once; what
 * others leave here is pushed out. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct killed);
} last_killed SEC(".maps");

static __always_inline int count_victim(int pid)
{
	__u32 killer = (__u32)bpf_get_current_pid_tgid();
	struct killed *killed = bpf_map_lookup_elem(&last_killed, &killer);
	struct oom_count *group;

	if (!killed || killed->pid != pid)
		return 0;
	group = bpf_map_lookup_elem(&group_values, &killed->slot);
	if (group)
		__sync_fetch_and_add(&group->count, 1);
	bpf_map_delete_elem(&last_killed, &killer);
	return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, void *info, struct task_struct *task)
{
	__u32 killer = (__u32)bpf_get_current_pid_tgid();
	struct killed killed = {};

	if (signal != SIGKILL || (__u64)info != FROM_KERNEL)
		return 0;
	killed.pid = task->pid;
	killed.slot = group_slot(task_group_id(task));
	bpf_map_update_elem(&last_killed, &killer, &killed, BPF_ANY);
	return 0;
}

/* Kernels since 6.8 give the task. */
SEC("?tp_btf/mark_victim")
int BPF_PROG(on_mark_victim, struct task_struct *victim)
{
	return count_victim(victim->pid);
}

struct mark_victim_args {
	__u64 common; /* type, flags, preempt count, pid: not ours */
	int pid;
};

SEC("?tracepoint/oom/mark_victim")
int on_mark_victim_pid(struct mark_victim_args *args)
{
	return count_victim(args->pid);
}
