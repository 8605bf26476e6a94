/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What block.bpf.c counts and block_collector.cc reads: one layout for both sides. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

/* Kinds of operation told apart; everything else (zone management, write-zeroes, commands that pass
 * through the queue) is "other". */
enum block_operation {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH,
	BLOCK_DISCARD,
	BLOCK_OTHER,
	BLOCK_OPERATIONS,
};

/* Whose a request is. */
enum block_owner {
	BLOCK_OWNER_BLKCG, /* the I/O cgroup its bio carries: right for buffered writes, too */
	BLOCK_OWNER_TASK,  /* the cgroup of the task that submitted it, or made the file dirty that
			      the kernel writes back */
	BLOCK_OWNER_NONE,  /* not known */
};

/* How many files are remembered that are dirty, or were: some 80 bytes each. The kernel writes a
 * file back after half a minute. */
#define BLOCK_DIRTY_FILES 8192

/* In place of a cgroup: of one, and it is not known of which; the same, of a file that was dirty
 * before we looked. */
#define BLOCK_GROUP_UNKNOWN (~0ULL)
#define BLOCK_GROUP_EARLIER (~1ULL)

struct block_key {
	__u64 cgroup;	 /* 0: nobody's (a flush the kernel made) */
	__u32 device;	 /* major << 20 | minor */
	__u32 operation; /* enum block_operation */
};

struct block_stats {
	__u64 bytes; /* grows without end; the histograms wrap, see latency_histogram */
	struct latency_histogram queue; /* from the making of the request until the driver got it */
	struct latency_histogram device; /* from then until it was done */
};

struct block_error_key {
	__u32 device;
	__u32 operation;
	__s32 status; /* blk_status_t; on kernels before 5.16 a negative errno */
};

/* Index into the array `block_lost`. */
enum block_loss {
	BLOCK_LOST_SERIES,  /* requests of a device, operation and cgroup the full table has no room
			       for */
	BLOCK_LOST_ERROR,   /* errors the full table has no room for */
	BLOCK_LOST_OWNER,   /* requests whose submitter the full table had no room for: nobody's */
	BLOCK_LOST_DIRTIER, /* bios of a file that is dirty for longer than the table remembers: of
			       an unknown group */
	BLOCK_LOST_EARLIER, /* bios of a file that was dirty before we looked: the same */
	BLOCK_NO_ISSUE_TIME, /* requests without the time of their issue: queue time not known */
	BLOCK_LOSSES,
};
