/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What the TCP programs count and the collector reads: one layout for both sides. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

/* What a tcp_count_key counts; the meaning of `detail` in brackets. */
enum tcp_count {
	TCP_COUNT_OPENED,	  /* connections established [enum tcp_role] */
	TCP_COUNT_CONNECT_FAILED, /* [errno, or TCP_FAILED_CANCELED] */
	TCP_COUNT_RETRANSMIT,	  /* segments sent again [enum tcp_retransmit_cause] */
	TCP_COUNT_RESET_SENT,	  /* [enum sk_rst_reason of the running kernel, or TCP_NO_REASON] */
	TCP_COUNT_RESET_RECEIVED, /* [TCP_NO_REASON] */
	TCP_COUNT_DROP,		  /* packets [enum skb_drop_reason of the running kernel] */
};

enum tcp_role {
	TCP_ROLE_CLIENT,
	TCP_ROLE_SERVER,
};

/* The application closed the socket before its connect() was answered. */
#define TCP_FAILED_CANCELED 0
#define TCP_NO_REASON (-1)

enum tcp_retransmit_cause {
	TCP_RETRANSMIT_TIMEOUT, /* nothing came back within the retransmission timeout */
	TCP_RETRANSMIT_FAST,	/* the peer's acknowledgements show a hole */
	TCP_RETRANSMIT_PROBE,	/* tail-loss probe */
	TCP_RETRANSMIT_SYN,
	TCP_RETRANSMIT_SYN_ACK,
	TCP_RETRANSMIT_OTHER, /* the path got a smaller MTU, mostly */
	TCP_RETRANSMITS,
};

struct tcp_count_key {
	__u64 cgroup; /* 0: no socket, or none that is known */
	__u32 what;   /* enum tcp_count */
	__s32 detail;
};

enum tcp_latency {
	TCP_LATENCY_RTT, /* smoothed, of connections that received something since the last look */
	TCP_LATENCY_JITTER,	      /* mean deviation, of the same */
	TCP_LATENCY_HANDSHAKE_CLIENT, /* first SYN to established */
	TCP_LATENCY_HANDSHAKE_SERVER, /* first SYN-ACK to its acknowledgement */
	TCP_LATENCY_LIFETIME,	      /* established to closed; from milliseconds to a day */
	TCP_LATENCY_READ_WAIT,	      /* data arrived until the application reads */
	TCP_LATENCY_ACCEPT_WAIT,      /* established until accept() has returned it */
	TCP_LATENCIES,
};

struct tcp_latency_key {
	__u64 cgroup;
	__u32 what; /* enum tcp_latency */
	__u32 unused;
};

/* Sums over the connections of one cgroup. */
struct tcp_group {
	__u64 sent;	/* bytes the peers acknowledged; grows */
	__u64 received; /* bytes received in order; grows */
	__u64 limited; /* kernel ticks in which a peer had no room for what was to be sent; grows */
	__u64 walk;    /* number of the walk that made the rest */
	__u64 connections;
	__u64 receive_queue; /* bytes received and not yet read */
	__u64 send_queue;    /* bytes written and not yet acknowledged */
	__u64 peer_full;     /* connections whose peer has told that it has no room */
	__u64 full;	     /* connections whose peer may send nothing before we read */
	__u64 unaccepted_ns; /* how long the oldest connection has waited for accept() */
};

/* One living connection, by the address of its socket. */
struct tcp_connection {
	__u64 cgroup;
	__u64 since_ns; /* of its SYN, then of its establishment; 0: before the agent started */
	__u64 sent;	/* how much of tcp_sock.bytes_acked is counted already */
	__u64 received; /* the same of bytes_received */
	__u64 limited;	/* the same of the ticks that it waited for room at its peer */
	__u32 segments; /* tcp_sock.segs_in at the last look */
	__u32 ports;	/* skc_portpair: tells when the address has become another connection */
};

/* One listening socket, by its address. */
struct tcp_listener {
	__u64 cgroup;
	__u32 port;
	__u32 backlog; /* connections waiting for accept() */
	__u32 limit;   /* how many may */
	__u32 drops;   /* sock.sk_drops: connection requests dropped since it was made; wraps */
	__u32 closed;  /* the numbers are final; the reader removes the entry */
	__u32 drops_before; /* the same when it was first seen */
};

/* Index into the array `tcp_lost`: what was not counted because a table was full. */
enum tcp_loss {
	TCP_LOST_CONNECTION,
	TCP_LOST_LISTENER,
	TCP_LOST_COUNT,
	TCP_LOST_LATENCY,
	TCP_LOST_GROUP,
	TCP_LOSSES,
};
