/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms per cgroup, for the TCP programs that measure time. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"
#include "collectors/tcp/tcp.bpf.h"

const volatile struct latency_tables latency = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2048);
	__type(key, struct tcp_latency_key);
	__type(value, struct latency_histogram);
} tcp_latencies SEC(".maps");

/* What a new histogram starts from: too big for the stack. */
static const struct latency_histogram tcp_no_latency = {};

static __always_inline void tcp_record(const volatile struct latency_tables *tables, __u64 cgroup,
				       enum tcp_latency what, __u64 ns)
{
	struct tcp_latency_key key = {.cgroup = cgroup, .what = what};
	struct latency_histogram *histogram = bpf_map_lookup_elem(&tcp_latencies, &key);

	if (!histogram) {
		bpf_map_update_elem(&tcp_latencies, &key, &tcp_no_latency, BPF_NOEXIST);
		histogram = bpf_map_lookup_elem(&tcp_latencies, &key);
	}
	if (histogram)
		latency_record(tables, histogram, ns);
	else
		tcp_lose(TCP_LOST_LATENCY, 1);
}
