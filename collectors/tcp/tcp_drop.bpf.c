// SPDX-License-Identifier: GPL-2.0
// Packets the kernel dropped, with its reason.
#include "collectors/tcp/tcp.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct sk_buff;

/* The kernel tells the receiving socket since 6.11. */
SEC("?tp_btf/kfree_skb")
int BPF_PROG(packet_dropped_for, struct sk_buff *skb, void *location, int reason, struct sock *sk)
{
	__u64 cgroup = 0;

	if (sk && is_full_socket(sk))
		cgroup = socket_group_id(sk);
	tcp_count(cgroup, TCP_COUNT_DROP, reason, 1);
	return 0;
}

SEC("?tp_btf/kfree_skb")
int BPF_PROG(packet_dropped, struct sk_buff *skb, void *location, int reason)
{
	tcp_count(0, TCP_COUNT_DROP, reason, 1);
	return 0;
}
