/* SPDX-License-Identifier: GPL-2.0 */
/* What the TCP programs share: the kernel's socket types, the living connections, the counters. */
#pragma once

#include "collectors/bpf/group_id.bpf.h"
#include "collectors/bpf/kernel_types.bpf.h"
#include "collectors/tcp/tcp_events.h"

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12
#define PROTOCOL_TCP 6

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net;
struct socket;

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock_common {
	__u32 skc_hash;
	__u32 skc_portpair; /* the peer's port, big endian, then our own */
	__u16 skc_num;	    /* our own port */
	unsigned char skc_state;
	struct {
		struct net *net;
	} skc_net;
};

struct sock {
	struct sock_common __sk_common;
	struct {
		int counter;
	} sk_drops;
	int sk_err;
	__u16 sk_protocol;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
	struct sock_cgroup_data sk_cgrp_data;
	struct socket *sk_socket; /* none as long as nobody accepted it */
};

struct inet_connection_sock {
	__u8 icsk_ca_state : 5;
	__u8 icsk_pending;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u32 write_seq;
	__u32 snd_una;
	__u32 packets_out;
	__u32 segs_in;
	__u32 srtt_us; /* eight times the smoothed round-trip time */
	__u32 mdev_us; /* four times the mean deviation */
	__u32 total_retrans;
	__u32 snd_wnd; /* what the peer has room for */
	__u32 rcv_wnd; /* what we last told the peer, when rcv_wup was next */
	__u32 rcv_wup;
	__u32 chrono_start; /* since when chrono_type, in ticks */
	__u32 chrono_stat[3];
	__u8 chrono_type : 2;
	__u64 bytes_received;
	__u64 bytes_acked;
};

#pragma clang attribute pop

/* User space lets all objects use the tables of the first one that loads. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tcp_connection);
} tcp_connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct tcp_count_key);
	__type(value, __u64);
} tcp_counts SEC(".maps");

/* By enum tcp_loss. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCP_LOSSES);
	__type(key, __u32);
	__type(value, __u64);
} tcp_losses SEC(".maps");

static __always_inline void tcp_add(__u64 *counter, __u64 more)
{
	__sync_fetch_and_add(counter, more);
}

static __always_inline void tcp_lose(__u32 what, __u64 how_many)
{
	__u64 *counter = bpf_map_lookup_elem(&tcp_losses, &what);

	if (counter)
		tcp_add(counter, how_many);
}

static __always_inline void tcp_count(__u64 cgroup, enum tcp_count what, __s32 detail, __u64 more)
{
	struct tcp_count_key key = {.cgroup = cgroup, .what = what, .detail = detail};
	__u64 zero = 0, *counter = bpf_map_lookup_elem(&tcp_counts, &key);

	if (!counter) {
		bpf_map_update_elem(&tcp_counts, &key, &zero, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&tcp_counts, &key);
	}
	if (counter)
		tcp_add(counter, more);
	else
		tcp_lose(TCP_LOST_COUNT, more);
}

/* The v2 group a socket was made in. A v1 group leaves no mark on it: then that of its connection,
 * when it is known. */
static __always_inline __u64 socket_group_id(const struct sock *sk)
{
	__u64 address = (__u64)sk, cgroup = 0;
	struct tcp_connection *connection;

	if (group_hierarchy == GROUPS_UNIFIED) {
		cgroup = sk->sk_cgrp_data.cgroup->kn->id;
	} else {
		connection = bpf_map_lookup_elem(&tcp_connections, &address);
		if (connection)
			cgroup = connection->cgroup;
	}
	barrier_var(cgroup); /* one load for pointers of different kinds is refused */
	return cgroup;
}

/* Time-wait and request sockets are shorter structures without a group. */
static __always_inline bool is_full_socket(const struct sock *sk)
{
	__u8 state = sk->__sk_common.skc_state;

	return state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV;
}
