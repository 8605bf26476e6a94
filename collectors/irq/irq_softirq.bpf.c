// SPDX-License-Identifier: GPL-2.0
// How long softirqs wait and run. Three programs for each of them: only where it is asked for.
#include "collectors/bpf/kernel_types.bpf.h"
#include "collectors/irq/irq_events.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct latency_tables latency = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IRQ_SOFTIRQ_TYPES);
	__type(key, __u32);
	__type(value, struct softirq_times);
} softirqs SEC(".maps");

/* Of one softirq type on one CPU; 0: not now. */
struct stamps {
	__u64 raised;
	__u64 entered;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, IRQ_SOFTIRQ_TYPES);
	__type(key, __u32);
	__type(value, struct stamps);
} softirq_stamps SEC(".maps");

SEC("tp_btf/softirq_raise")
int BPF_PROG(on_softirq_raise, unsigned int type)
{
	struct stamps *stamps = bpf_map_lookup_elem(&softirq_stamps, &type);

	if (stamps && !stamps->raised)
		stamps->raised = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(on_softirq_entry, unsigned int type)
{
	struct stamps *stamps = bpf_map_lookup_elem(&softirq_stamps, &type);
	struct softirq_times *softirq = bpf_map_lookup_elem(&softirqs, &type);

	if (!stamps || !softirq)
		return 0;
	stamps->entered = bpf_ktime_get_ns();
	if (stamps->raised)
		latency_record(&latency, &softirq->wait, stamps->entered - stamps->raised);
	stamps->raised = 0; /* raised again while it runs, it waits again */
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(on_softirq_exit, unsigned int type)
{
	struct stamps *stamps = bpf_map_lookup_elem(&softirq_stamps, &type);
	struct softirq_times *softirq = bpf_map_lookup_elem(&softirqs, &type);

	if (!stamps || !softirq || !stamps->entered)
		return 0;
	latency_record(&latency, &softirq->service, bpf_ktime_get_ns() - stamps->entered);
	stamps->entered = 0;
	return 0;
}
