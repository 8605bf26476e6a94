/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The latency histogram both sides know: the buckets of OTLP's base-2 exponential histogram at
 * scale 3 in seconds, counted in the kernel in nanoseconds. 10^9 is no power of two, so the
 * boundaries floor(10^9 * 2^(i/8)) come as a table, which user space fills before the load.
 * Compiled for BPF and, for the reader and its tests, as C++.
 */
#pragma once

#include <linux/types.h>

#define LATENCY_BUCKETS 216 /* 27 doublings of 8 buckets: 2^-20 s (954 ns) to 2^7 s (128 s) */
#define LATENCY_FIRST_INDEX (-160) /* the OTLP index of buckets[0], if the table says no other */

struct latency_tables {
	/* The largest ns of each bucket; beyond the last all ones. Its length is what a byte of
	 * `first` can address plus the two steps of the search, so that the verifier sees that no
	 * index leaves it. */
	__u64 bound_ns[258];
	/* By the leading bit (0..63) and the three bits after it: the first bucket that such a
	 * value can be in. It is that one or one of the next two. */
	__u8 first[512];
	/* At or below: counted as zero. */
	__u64 zero_ns;
};

/* Counts since the reader last took them; 32 bits last for 2^32 events between two reads. */
struct latency_histogram {
	__u64 sum_ns;
	__u32 zero;
	__u32 reserved;
	__u32 buckets[LATENCY_BUCKETS];
};

static inline __attribute__((always_inline)) __u32 latency_log2(__u64 value)
{
	__u32 bit = 0;

	if (value >> 32) {
		value >>= 32;
		bit = 32;
	}
	if (value >> 16) {
		value >>= 16;
		bit += 16;
	}
	if (value >> 8) {
		value >>= 8;
		bit += 8;
	}
	if (value >> 4) {
		value >>= 4;
		bit += 4;
	}
	if (value >> 2) {
		value >>= 2;
		bit += 2;
	}
	return bit + (__u32)(value >> 1);
}

/* The bucket of a duration above tables->zero_ns. What is longer than the last bound is in the last
 * bucket. */
static inline __attribute__((always_inline)) __u32
latency_bucket(const volatile struct latency_tables *tables, __u64 ns)
{
	__u32 bit = latency_log2(ns);
	__u32 after = bit >= 3 ? (ns >> (bit - 3)) & 7 : 0;
	__u32 at = tables->first[((bit << 3) | after) & 511];

	if (ns > tables->bound_ns[at])
		at++;
	if (ns > tables->bound_ns[at])
		at++;
	return at < LATENCY_BUCKETS ? at : LATENCY_BUCKETS - 1;
}

static inline __attribute__((always_inline)) void
latency_record(const volatile struct latency_tables *tables, struct latency_histogram *histogram,
	       __u64 ns)
{
	if (ns <= tables->zero_ns)
		__sync_fetch_and_add(&histogram->zero, 1);
	else
		__sync_fetch_and_add(&histogram->buckets[latency_bucket(tables, ns)], 1);
	/* The sum after the count: a reader that finds a sum finds the count too. */
	if (ns)
		__sync_fetch_and_add(&histogram->sum_ns, ns);
}
