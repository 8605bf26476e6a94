/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of connections before they are: who listens for them, when they were answered. */
#pragma once

#include "collectors/tcp/tcp.bpf.h"

struct tcp_port {
	__u64 net;
	__u64 port;
};

/* On v1 hosts: which group listens, for the connections it will accept. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct tcp_port);
	__type(value, __u64);
} tcp_ports SEC(".maps");

static __always_inline struct tcp_port port_of(const struct sock *sk)
{
	struct tcp_port port = {.net = (__u64)sk->__sk_common.skc_net.net,
				.port = sk->__sk_common.skc_num};
	return port;
}

/* Of a listening socket, or one that comes from it: nothing of its server runs at this moment. */
static __always_inline __u64 listening_group_id(const struct sock *sk)
{
	struct tcp_port port = port_of(sk);
	__u64 *cgroup;

	if (group_hierarchy == GROUPS_UNIFIED)
		return socket_group_id(sk);
	cgroup = bpf_map_lookup_elem(&tcp_ports, &port);
	return cgroup ? *cgroup : 0;
}

struct tcp_request_key {
	__u64 net;
	__u32 ports;
	__u32 hash; /* of addresses and ports; the same for request and connection */
};

/* When the first SYN-ACK of a request went, in ns; only of those that had it sent again, for which
 * the kernel measures no round trip. The oldest go when there are too many: most are never
 * completed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct tcp_request_key);
	__type(value, __u64);
} tcp_requests SEC(".maps");

static __always_inline struct tcp_request_key request_key(const struct sock_common *common)
{
	struct tcp_request_key key = {.net = (__u64)common->skc_net.net,
				      .ports = common->skc_portpair,
				      .hash = common->skc_hash};
	return key;
}
