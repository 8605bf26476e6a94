// SPDX-License-Identifier: GPL-2.0
// How long handlers of hardware interrupts run.
#include "collectors/bpf/kernel_types.bpf.h"
#include "collectors/irq/irq_events.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct latency_tables latency = {};

/* By interrupt number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct latency_histogram);
} handlers SEC(".maps");

/* When the handler now running on this CPU began: they do not nest. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} handler_entered SEC(".maps");

__u64 handler_lost = 0; /* runs of interrupts the full table has no room for */

/* What a new histogram starts from: too big for the stack. */
static const struct latency_histogram nothing = {};

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(on_irq_handler_entry)
{
	__u32 zero = 0;
	__u64 *entered = bpf_map_lookup_elem(&handler_entered, &zero);

	if (entered)
		*entered = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(on_irq_handler_exit, int irq)
{
	__u32 zero = 0, key = irq;
	__u64 *entered = bpf_map_lookup_elem(&handler_entered, &zero), ns;
	struct latency_histogram *histogram = bpf_map_lookup_elem(&handlers, &key);

	if (!entered || !*entered)
		return 0;
	ns = bpf_ktime_get_ns() - *entered;
	*entered = 0;
	if (!histogram) {
		bpf_map_update_elem(&handlers, &key, &nothing, BPF_NOEXIST);
		histogram = bpf_map_lookup_elem(&handlers, &key);
	}
	if (histogram)
		latency_record(&latency, histogram, ns);
	else
		__sync_fetch_and_add(&handler_lost, 1);
	return 0;
}
