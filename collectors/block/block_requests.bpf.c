// SPDX-License-Identifier: GPL-2.0
// Latency of block requests, from the two times the kernel itself keeps in every request: one
// program runs when a request is done, and nothing has to be remembered between hooks.
#include "collectors/bpf/group_id.bpf.h"
#include "collectors/bpf/histogram.bpf.h"
#include "collectors/bpf/kernel_types.bpf.h"
#include "collectors/block/block_events.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct gendisk {
	int major;
	int first_minor;
};

struct request_queue {
	struct gendisk *disk;
};

struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg *blkcg;
};

struct bio {
	struct blkcg_gq *bi_blkg;
};

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	struct bio *bio;
	__u64 start_time_ns;
	__u64 io_start_time_ns;
	unsigned short stats_sectors;
};

/* Before 5.15 the disk hung on the request itself. */
struct request___disk {
	struct gendisk *rq_disk;
};

#pragma clang attribute pop

#define SERIES_MAX 512

const volatile struct latency_tables latency_tables;
const volatile enum block_owner block_owner = BLOCK_OWNER_BLKCG;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SERIES_MAX);
	__type(key, struct block_key);
	__type(value, struct block_stats);
} block_series SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 256);
	__type(key, struct block_error_key);
	__type(value, __u64);
} block_errors SEC(".maps");

/* Who submitted a request, by its address. Requests are made once per queue and used again and
 * again, so entries are written over and never deleted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} block_owners SEC(".maps");

__u64 block_lost[BLOCK_LOSSES];

static __always_inline void count(__u64 *counter, __u64 more)
{
	__sync_fetch_and_add(counter, more);
}

/* What a new series starts from: too big for the stack. Never written. */
static struct block_stats no_stats;

static __always_inline __u32 operation_of(__u32 cmd_flags)
{
	switch (cmd_flags & 0xff) { /* REQ_OP_MASK; the numbers are the same since 4.10 */
	case 0:
		return BLOCK_READ;
	case 1:
		return BLOCK_WRITE;
	case 2:
		return BLOCK_FLUSH;
	case 3: /* discard */
	case 5: /* secure erase */
		return BLOCK_DISCARD;
	default:
		return BLOCK_OTHER;
	}
}

static __always_inline struct gendisk *disk_of(struct request *rq)
{
	struct request___disk *old = (void *)rq;

	if (bpf_core_field_exists(rq->q->disk))
		return rq->q->disk;
	return old->rq_disk;
}

/* The group of a request that is still whole: completion takes the bios away. */
static __always_inline __u64 owner_of(struct request *rq)
{
	__u64 address = (__u64)rq, owner, *submitter;

	if (block_owner == BLOCK_OWNER_BLKCG)
		return rq->bio->bi_blkg->blkcg->css.cgroup->kn->id;
	if (block_owner == BLOCK_OWNER_NONE)
		return 0;
	submitter = bpf_map_lookup_elem(&block_owners, &address);
	if (!submitter)
		return 0;
	owner = *submitter;
	*submitter = 0;
	return owner;
}

static __always_inline struct block_stats *stats_of(const struct block_key *series)
{
	struct block_stats *stats = bpf_map_lookup_elem(&block_series, series);

	if (stats)
		return stats;
	bpf_map_update_elem(&block_series, series, &no_stats, BPF_NOEXIST);
	stats = bpf_map_lookup_elem(&block_series, series);
	if (!stats)
		count(&block_lost[BLOCK_LOST_SERIES], 1);
	return stats;
}

static __always_inline void record_times(struct request *rq, struct block_stats *stats)
{
	__u64 now = bpf_ktime_get_ns(), made = rq->start_time_ns, issued = rq->io_start_time_ns;

	if (!made)
		return;
	if (!issued) {
		count(&block_lost[BLOCK_NO_ISSUE_TIME], 1);
		latency_record(&latency_tables, &stats->device, now - made);
		return;
	}
	/* A plug caches the clock, so the two stamps can be out of order by microseconds. */
	latency_record(&latency_tables, &stats->queue, issued > made ? issued - made : 0);
	latency_record(&latency_tables, &stats->device, now > issued ? now - issued : 0);
}

static __always_inline void count_error(const struct block_key *series, __s32 status)
{
	struct block_error_key error = {
	    .device = series->device, .operation = series->operation, .status = status};
	__u64 one = 1, *errors = bpf_map_lookup_elem(&block_errors, &error);

	if (errors)
		count(errors, 1);
	else if (bpf_map_update_elem(&block_errors, &error, &one, BPF_NOEXIST))
		count(&block_lost[BLOCK_LOST_ERROR], 1);
}

SEC("?tp_btf/block_rq_complete")
int BPF_PROG(block_complete, struct request *rq, int status, unsigned int bytes)
{
	struct gendisk *disk = disk_of(rq);
	struct block_key series = {.operation = operation_of(rq->cmd_flags)};
	struct block_stats *stats;
	unsigned int length = rq->__data_len;

	if (!disk)
		return 0;
	/* A write that needs flushes comes here once more, empty, when its last flush is done; the
	 * flushes themselves come as requests of their own. */
	if (!bytes && series.operation != BLOCK_FLUSH)
		return 0;
	series.device = (__u32)disk->major << 20 | (__u32)disk->first_minor;
	series.cgroup = owner_of(rq);
	if (status)
		count_error(&series, status);
	stats = stats_of(&series);
	if (!stats)
		return 0;
	count(&stats->bytes, bytes);
	if (bytes >= length) /* else a part of it: the rest will come */
		record_times(rq, stats);
	return 0;
}

/* In place of block_complete where that may not be attached: neither errors nor flushes, and
 * groups only by submitter. */
SEC("?tp_btf/block_io_done")
int BPF_PROG(block_done, struct request *rq)
{
	struct gendisk *disk = disk_of(rq);
	struct block_key series = {.operation = operation_of(rq->cmd_flags)};
	struct block_stats *stats;

	if (!disk)
		return 0;
	series.device = (__u32)disk->major << 20 | (__u32)disk->first_minor;
	series.cgroup = owner_of(rq);
	stats = stats_of(&series);
	if (!stats)
		return 0;
	count(&stats->bytes, (__u64)rq->stats_sectors << 9);
	record_times(rq, stats);
	return 0;
}

SEC("?tp_btf/block_io_start")
int BPF_PROG(block_start, struct request *rq)
{
	__u64 address = (__u64)rq, owner = task_group_id(bpf_get_current_task_btf());
	__u64 *known = bpf_map_lookup_elem(&block_owners, &address);

	if (known)
		*known = owner;
	else if (bpf_map_update_elem(&block_owners, &address, &owner, BPF_ANY))
		count(&block_lost[BLOCK_LOST_OWNER], 1);
	return 0;
}
