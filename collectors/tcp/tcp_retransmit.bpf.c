// SPDX-License-Identifier: GPL-2.0
// Segments sent again, and why.
#include "collectors/tcp/tcp_request.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define CA_RECOVERY 3
#define CA_LOSS 4
#define TIMER_LOSS_PROBE 5 /* ICSK_TIME_LOSS_PROBE */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sk_buff {
	char cb[48];
};

struct tcp_skb_cb {
	__u16 tcp_gso_segs;
};

struct request_sock {
	struct sock_common __req_common;
};

struct tcp_request_sock {
	__u64 snt_synack; /* us */
};

#pragma clang attribute pop

static __always_inline enum tcp_retransmit_cause cause_of(const struct sock *sk)
{
	struct inet_connection_sock *connection = (void *)sk;
	__u8 state = sk->__sk_common.skc_state;
	__u64 congestion;

	if (state == TCP_SYN_SENT)
		return TCP_RETRANSMIT_SYN;
	if (state == TCP_SYN_RECV)
		return TCP_RETRANSMIT_SYN_ACK;
	congestion = BPF_CORE_READ_BITFIELD_PROBED(connection, icsk_ca_state);
	if (congestion == CA_LOSS)
		return TCP_RETRANSMIT_TIMEOUT;
	if (congestion == CA_RECOVERY)
		return TCP_RETRANSMIT_FAST;
	if (BPF_CORE_READ(connection, icsk_pending) == TIMER_LOSS_PROBE)
		return TCP_RETRANSMIT_PROBE;
	return TCP_RETRANSMIT_OTHER;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmitted, const struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_skb_cb *control = (void *)&skb->cb;
	__u16 segments = BPF_CORE_READ(control, tcp_gso_segs);

	tcp_count(socket_group_id(sk), TCP_COUNT_RETRANSMIT, cause_of(sk), segments ? segments : 1);
	return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(tcp_synack_retransmitted, const struct sock *sk, const struct request_sock *request)
{
	struct tcp_request_sock *details = (void *)request;
	__u64 first_ns = BPF_CORE_READ(details, snt_synack) * 1000;
	struct tcp_request_key key = request_key(&request->__req_common);

	tcp_count(listening_group_id(sk), TCP_COUNT_RETRANSMIT, TCP_RETRANSMIT_SYN_ACK, 1);
	bpf_map_update_elem(&tcp_requests, &key, &first_ns, BPF_NOEXIST);
	return 0;
}
