// SPDX-License-Identifier: GPL-2.0
/*
 * How long data lies in the receive queue before the application reads: two programs for each
 * arrival and each read, so only where it is asked for.
 */
#include "collectors/tcp/tcp_latency.bpf.h"

#define MSG_PEEK 2

char LICENSE[] SEC("license") = "GPL";

/* Since when a socket's data waits, ns; 0: it does not. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tcp_waiting SEC(".maps");

SEC("tp_btf/sk_data_ready")
int BPF_PROG(tcp_data_ready, const struct sock *sk)
{
	__u64 *since;

	if (sk->sk_protocol != PROTOCOL_TCP || sk->__sk_common.skc_state == TCP_LISTEN)
		return 0;
	since = bpf_sk_storage_get(&tcp_waiting, (void *)sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!since)
		tcp_lose(TCP_LOST_LATENCY, 1);
	else if (!*since)
		*since = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(tcp_data_read, struct sock *sk, int length, int flags)
{
	struct tcp_sock *tcp = (void *)sk;
	__u64 *since, now;

	if (length <= 0 || flags & MSG_PEEK || sk->sk_protocol != PROTOCOL_TCP)
		return 0;
	since = bpf_sk_storage_get(&tcp_waiting, sk, 0, 0);
	if (!since || !*since)
		return 0;
	now = bpf_ktime_get_ns();
	tcp_record(&latency, socket_group_id(sk), TCP_LATENCY_READ_WAIT,
		   now > *since ? now - *since : 0);
	/* What the application left waits from now on: it is alive. */
	*since = BPF_CORE_READ(tcp, rcv_nxt) == BPF_CORE_READ(tcp, copied_seq) ? 0 : now;
	return 0;
}
