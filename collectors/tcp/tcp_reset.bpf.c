// SPDX-License-Identifier: GPL-2.0
// Resets sent and received.
#include "collectors/tcp/tcp.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct sk_buff;

static __always_inline void count_sent(const struct sock *sk, int reason)
{
	__u64 cgroup = 0;

	/* Most resets answer a packet that no socket wanted. */
	if (sk && is_full_socket(sk))
		cgroup = socket_group_id(sk);
	tcp_count(cgroup, TCP_COUNT_RESET_SENT, reason, 1);
}

/* The kernel tells the reason since 6.10. */
SEC("?tp_btf/tcp_send_reset")
int BPF_PROG(tcp_reset_sent, const struct sock *sk, const struct sk_buff *skb, int reason)
{
	count_sent(sk, reason);
	return 0;
}

SEC("?tp_btf/tcp_send_reset")
int BPF_PROG(tcp_reset_sent_somehow, const struct sock *sk)
{
	count_sent(sk, TCP_NO_REASON);
	return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(tcp_reset_received, struct sock *sk)
{
	tcp_count(socket_group_id(sk), TCP_COUNT_RESET_RECEIVED, TCP_NO_REASON, 1);
	return 0;
}
