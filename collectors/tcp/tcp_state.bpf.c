// SPDX-License-Identifier: GPL-2.0
/*
 * The life of TCP connections from their changes of state, and what lies between by a walk over the
 * table of living ones, which user space asks for from time to time. Nothing runs per packet.
 */
#include "collectors/tcp/tcp_latency.bpf.h"
#include "collectors/tcp/tcp_request.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MICROSECOND 1000ULL
#define EADDRNOTAVAIL 99
#define CHRONO_RWND_LIMITED 2 /* TCP_CHRONO_RWND_LIMITED */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct file;

struct socket {
	struct sock *sk;
};

struct bpf_iter__task_file {
	struct task_struct *task;
	struct file *file;
};

struct bpf_iter__bpf_map_elem {
	void *key;
	void *value;
};

#pragma clang attribute pop

/* Lifetimes are longer than what `latency` covers. */
const volatile struct latency_tables lifetime = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct tcp_listener);
} tcp_listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2048);
	__type(key, __u64);
	__type(value, struct tcp_group);
} tcp_groups SEC(".maps");

__u64 tcp_walk_number = 0;

static __always_inline struct tcp_group *group_of(__u64 cgroup)
{
	struct tcp_group empty = {}, *group = bpf_map_lookup_elem(&tcp_groups, &cgroup);

	if (group)
		return group;
	bpf_map_update_elem(&tcp_groups, &cgroup, &empty, BPF_NOEXIST);
	group = bpf_map_lookup_elem(&tcp_groups, &cgroup);
	if (!group)
		tcp_lose(TCP_LOST_GROUP, 1);
	return group;
}

/* Adds what a growing number of a connection has gained since it was last looked at. The walk and
 * the end of the connection can meet here: each gain is taken by one of them. */
static __always_inline void gain(__u64 *total, __u64 *counted, __u64 now)
{
	__u64 before = __sync_lock_test_and_set(counted, now);

	if (now > before)
		tcp_add(total, now - before);
}

/* For how many ticks the peer had no room for what this connection had to send. */
static __always_inline __u64 limited_ticks(struct tcp_sock *tcp)
{
	__u32 ticks = BPF_CORE_READ(tcp, chrono_stat[CHRONO_RWND_LIMITED - 1]);

	if (BPF_CORE_READ_BITFIELD_PROBED(tcp, chrono_type) == CHRONO_RWND_LIMITED)
		ticks += (__u32)bpf_jiffies64() - BPF_CORE_READ(tcp, chrono_start);
	return ticks;
}

static __always_inline void look(struct tcp_connection *connection, struct tcp_group *group,
				 struct tcp_sock *tcp)
{
	__u32 segments = BPF_CORE_READ(tcp, segs_in), srtt = BPF_CORE_READ(tcp, srtt_us);
	__u64 limited = limited_ticks(tcp);

	gain(&group->sent, &connection->sent, BPF_CORE_READ(tcp, bytes_acked));
	gain(&group->received, &connection->received, BPF_CORE_READ(tcp, bytes_received));
	/* Read while the kernel changes it, it can be less than it was. */
	if (limited > connection->limited)
		gain(&group->limited, &connection->limited, limited);
	if (segments == connection->segments || !srtt)
		return;
	connection->segments = segments;
	tcp_record(&latency, connection->cgroup, TCP_LATENCY_RTT, srtt * MICROSECOND / 8);
	tcp_record(&latency, connection->cgroup, TCP_LATENCY_JITTER,
		   BPF_CORE_READ(tcp, mdev_us) * MICROSECOND / 4);
}

static __always_inline void remember(const struct sock *sk, __u64 cgroup, __u64 since_ns)
{
	__u64 address = (__u64)sk;
	struct tcp_sock *tcp = (void *)sk;
	struct tcp_connection connection = {.cgroup = cgroup,
					    .since_ns = since_ns,
					    .sent = BPF_CORE_READ(tcp, bytes_acked),
					    .received = BPF_CORE_READ(tcp, bytes_received),
					    .limited = limited_ticks(tcp),
					    .ports = sk->__sk_common.skc_portpair};

	if (bpf_map_update_elem(&tcp_connections, &address, &connection, BPF_ANY))
		tcp_lose(TCP_LOST_CONNECTION, 1);
}

static __always_inline void remember_listener(const struct sock *sk, __u64 cgroup)
{
	__u64 address = (__u64)sk;
	struct tcp_port port = port_of(sk);
	struct tcp_listener listener = {.cgroup = cgroup,
					.port = port.port,
					.limit = sk->sk_max_ack_backlog,
					.drops = sk->sk_drops.counter,
					.drops_before = sk->sk_drops.counter};

	if (bpf_map_update_elem(&tcp_listeners, &address, &listener, BPF_ANY))
		tcp_lose(TCP_LOST_LISTENER, 1);
	if (group_hierarchy != GROUPS_UNIFIED)
		bpf_map_update_elem(&tcp_ports, &port, &cgroup, BPF_ANY);
}

static __always_inline __u64 current_group_id(const struct sock *sk)
{
	if (group_hierarchy == GROUPS_UNIFIED)
		return socket_group_id(sk);
	return task_group_id(bpf_get_current_task_btf());
}

static __always_inline void connected(const struct sock *sk)
{
	__u64 address = (__u64)sk, now = bpf_ktime_get_ns();
	struct tcp_connection *known = bpf_map_lookup_elem(&tcp_connections, &address);
	struct tcp_sock *tcp = (void *)sk;

	if (!known) { /* there was no room at its SYN, or it began before we did */
		tcp_count(socket_group_id(sk), TCP_COUNT_OPENED, TCP_ROLE_CLIENT, 1);
		return;
	}
	tcp_count(known->cgroup, TCP_COUNT_OPENED, TCP_ROLE_CLIENT, 1);
	tcp_record(&latency, known->cgroup, TCP_LATENCY_HANDSHAKE_CLIENT, now - known->since_ns);
	known->since_ns = now;
	known->sent = BPF_CORE_READ(tcp, bytes_acked); /* the SYN counts as one there */
	known->ports = sk->__sk_common.skc_portpair;
}

/* From the first SYN-ACK to now; 0 when that is not known. */
static __always_inline __u64 accept_ns(const struct sock *sk)
{
	struct tcp_sock *tcp = (void *)sk;
	__u32 srtt = BPF_CORE_READ(tcp, srtt_us);
	struct tcp_request_key request;
	__u64 *asked, ns;

	/* The kernel's first measurement is that of the SYN-ACK, unless that was sent again. */
	if (!BPF_CORE_READ(tcp, total_retrans))
		return srtt * MICROSECOND / 8;
	request = request_key(&sk->__sk_common);
	asked = bpf_map_lookup_elem(&tcp_requests, &request);
	if (!asked)
		return 0;
	ns = bpf_ktime_get_ns() - *asked;
	bpf_map_delete_elem(&tcp_requests, &request);
	return ns;
}

static __always_inline void accepted(const struct sock *sk)
{
	__u64 cgroup = listening_group_id(sk), ns = accept_ns(sk);

	tcp_count(cgroup, TCP_COUNT_OPENED, TCP_ROLE_SERVER, 1);
	if (ns)
		tcp_record(&latency, cgroup, TCP_LATENCY_HANDSHAKE_SERVER, ns);
	remember(sk, cgroup, bpf_ktime_get_ns());
}

static __always_inline void connect_failed(const struct sock *sk)
{
	__u64 address = (__u64)sk;
	struct tcp_connection *known = bpf_map_lookup_elem(&tcp_connections, &address);
	__u64 cgroup = known ? known->cgroup : 0;
	int error = sk->sk_err;

	barrier_var(cgroup);
	if (!known)
		cgroup = socket_group_id(sk);

	if (!error && !sk->__sk_common.skc_num)
		error = EADDRNOTAVAIL; /* no local port was free: nothing was sent */
	tcp_count(cgroup, TCP_COUNT_CONNECT_FAILED, error ? error : TCP_FAILED_CANCELED, 1);
	bpf_map_delete_elem(&tcp_connections, &address);
}

static __always_inline void closed(const struct sock *sk)
{
	__u64 address = (__u64)sk;
	struct tcp_connection *known = bpf_map_lookup_elem(&tcp_connections, &address);
	struct tcp_group *group;

	if (!known)
		return;
	group = group_of(known->cgroup);
	if (group)
		look(known, group, (void *)sk);
	if (known->since_ns)
		tcp_record(&lifetime, known->cgroup, TCP_LATENCY_LIFETIME,
			   bpf_ktime_get_ns() - known->since_ns);
	bpf_map_delete_elem(&tcp_connections, &address);
}

static __always_inline void listener_closed(const struct sock *sk)
{
	__u64 address = (__u64)sk;
	struct tcp_listener *listener = bpf_map_lookup_elem(&tcp_listeners, &address);

	if (!listener)
		return;
	listener->drops = sk->sk_drops.counter;
	listener->backlog = 0;
	listener->closed = 1;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int from, int to)
{
	if (sk->sk_protocol != PROTOCOL_TCP)
		return 0;
	if (to == TCP_SYN_SENT)
		remember(sk, current_group_id(sk), bpf_ktime_get_ns());
	else if (to == TCP_LISTEN)
		remember_listener(sk, current_group_id(sk));
	else if (to == TCP_ESTABLISHED && from == TCP_SYN_SENT)
		connected(sk);
	else if (to == TCP_ESTABLISHED && from == TCP_SYN_RECV)
		accepted(sk);
	else if (to == TCP_CLOSE && from == TCP_SYN_SENT)
		connect_failed(sk);
	else if (to == TCP_CLOSE && from == TCP_LISTEN)
		listener_closed(sk);
	else if (to == TCP_CLOSE)
		closed(sk);
	return 0;
}

/* Once at the start: the sockets that processes hold already, in all network namespaces. */
SEC("?iter/task_file")
int tcp_seed(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket *socket;
	struct sock *sk;
	__u64 cgroup;
	__u8 state;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || sk->sk_protocol != PROTOCOL_TCP)
		return 0;
	state = sk->__sk_common.skc_state;
	cgroup = group_hierarchy == GROUPS_UNIFIED ? socket_group_id(sk) : task_group_id(task);
	if (state == TCP_LISTEN)
		remember_listener(sk, cgroup);
	else if (state != TCP_CLOSE && state != TCP_SYN_SENT)
		remember(sk, cgroup, 0);
	return 0;
}

/* What a connection adds to what its group has at this moment. */
static __always_inline void add_present(struct tcp_group *group, struct sock *sk, __u8 state,
					__u64 since_ns)
{
	struct tcp_sock *tcp = (void *)sk;
	__u32 next = BPF_CORE_READ(tcp, rcv_nxt);
	__u64 waited;

	group->connections++;
	group->receive_queue += next - BPF_CORE_READ(tcp, copied_seq);
	group->send_queue += BPF_CORE_READ(tcp, write_seq) - BPF_CORE_READ(tcp, snd_una);
	if (!BPF_CORE_READ(tcp, snd_wnd))
		group->peer_full++;
	if ((__s32)(BPF_CORE_READ(tcp, rcv_wup) + BPF_CORE_READ(tcp, rcv_wnd) - next) <= 0)
		group->full++;
	if ((state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT) && since_ns &&
	    !BPF_CORE_READ(sk, sk_socket)) {
		waited = bpf_ktime_get_ns() - since_ns;
		if (waited > group->unaccepted_ns)
			group->unaccepted_ns = waited;
	}
}

SEC("?iter/bpf_map_elem")
int tcp_walk(struct bpf_iter__bpf_map_elem *context)
{
	__u64 *key = context->key, address;
	struct tcp_connection *connection;
	struct tcp_group *group;
	struct sock *sk;
	__u8 state;

	if (!key)
		return 0;
	address = *key;
	connection = bpf_map_lookup_elem(&tcp_connections, &address);
	if (!connection)
		return 0;
	sk = (void *)address;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_SYN_SENT)
		return 0;
	if (state == TCP_CLOSE ||
	    BPF_CORE_READ(sk, __sk_common.skc_portpair) != connection->ports) {
		bpf_map_delete_elem(&tcp_connections, &address); /* its end was missed */
		return 0;
	}
	group = group_of(connection->cgroup);
	if (!group)
		return 0;
	if (group->walk != tcp_walk_number) {
		group->walk = tcp_walk_number;
		group->connections = group->receive_queue = group->send_queue = 0;
		group->peer_full = group->full = group->unaccepted_ns = 0;
	}
	add_present(group, sk, state, connection->since_ns);
	look(connection, group, (void *)sk);
	return 0;
}

SEC("?iter/bpf_map_elem")
int tcp_walk_listeners(struct bpf_iter__bpf_map_elem *context)
{
	__u64 *key = context->key, address;
	struct tcp_listener *listener;
	struct sock *sk;

	if (!key)
		return 0;
	address = *key;
	listener = bpf_map_lookup_elem(&tcp_listeners, &address);
	if (!listener || listener->closed)
		return 0;
	sk = (void *)address;
	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN) {
		listener->closed = 1; /* its end was missed */
		return 0;
	}
	listener->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	listener->backlog = BPF_CORE_READ(sk, sk_ack_backlog);
	listener->limit = BPF_CORE_READ(sk, sk_max_ack_backlog);
	listener->drops = BPF_CORE_READ(sk, sk_drops.counter);
	return 0;
}
