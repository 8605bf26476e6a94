// SPDX-License-Identifier: GPL-2.0
// Latency of block requests, from the two times the kernel itself keeps in every request: one
// program runs when a request is done. Where the bios carry no group we know, two more remember who
// submitted a request, and who made a file dirty that a thread of the kernel writes back.
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

struct inode {
	unsigned short i_mode;
	unsigned long dirtied_when; /* jiffies; since 2.6 */
};

struct address_space {
	struct inode *host;
};

struct page {
	unsigned long compound_head; /* odd in a tail page of a folio: its head's address and one */
	struct address_space *mapping; /* its lowest bits are set for what is no file's */
};

/* All of it: it lies in arrays. */
struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
};

struct bvec_iter {
	unsigned int bi_size;
	unsigned int bi_idx;
};

struct block_device {
	struct gendisk *bd_disk;
};

struct bio {
	struct block_device *bi_bdev;
	unsigned int bi_opf;
	struct bvec_iter bi_iter;
	struct blkcg_gq *bi_blkg;
	struct bio_vec *bi_io_vec;
};

struct task_struct___flags {
	unsigned int flags;
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

/* Some 1.4 KB each, of those in use. A group has one or two, and keeps them for a quarter of a
 * minute after its end. */
#define SERIES_MAX 2048
#define PF_KTHREAD 0x00200000
#define S_IFMT 0170000
#define S_IFREG 0100000
#define MAPPING_FLAGS 3UL

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

/* Who made a file dirty that was clean, by the inode's address. A new inode at an address of old is
 * made dirty before it is written. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1); /* user space sets it */
	__type(key, __u64);
	__type(value, __u64);
} block_dirtiers SEC(".maps");

/* When the first file became dirty that we saw, in jiffies; 0: none has. */
unsigned long block_looking_since;

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

static __always_inline __u32 device_of(struct gendisk *disk)
{
	return (__u32)disk->major << 20 | (__u32)disk->first_minor;
}

/* The file whose page a bio begins with; 0 when it is not one of a file: anonymous memory, or a
 * file system's own blocks. */
static __always_inline __u64 file_of(struct bio *bio)
{
	struct bio_vec *first = bio->bi_io_vec + bio->bi_iter.bi_idx;
	struct page *page = BPF_CORE_READ(first, bv_page);
	unsigned long head = BPF_CORE_READ(page, compound_head);
	struct address_space *mapping;
	struct inode *inode;

	if (head & 1)
		page = (struct page *)(head - 1);
	mapping = BPF_CORE_READ(page, mapping);
	if (!mapping || (unsigned long)mapping & MAPPING_FLAGS)
		return 0;
	inode = BPF_CORE_READ(mapping, host);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	return (__u64)inode;
}

/* Of a file that nobody was seen to make dirty. (One that was written to while it was written back
 * may have a new time; nobody is told who did that, either.) */
static __always_inline __u64 unseen_group(__u64 file)
{
	unsigned long dirtied_when = BPF_CORE_READ((struct inode *)file, dirtied_when);
	unsigned long since = block_looking_since;

	if (!since || (long)(dirtied_when - since) < 0) {
		count(&block_lost[BLOCK_LOST_EARLIER], 1);
		return BLOCK_GROUP_EARLIER;
	}
	count(&block_lost[BLOCK_LOST_DIRTIER], 1);
	return BLOCK_GROUP_UNKNOWN;
}

/* Whose a bio is that is being submitted: of who made the file dirty that it writes back, as the
 * I/O controller has it; else of who submits it. What a thread of the kernel writes of a file that
 * nobody was seen to make dirty is of an unknown group. */
static __always_inline __u64 submitter_of(struct bio *bio, __u32 operation)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct___flags *flags = (void *)task;
	__u64 file = 0, *dirtier;

	if (bio && operation == BLOCK_WRITE)
		file = file_of(bio);
	if (!file)
		return task_group_id(task);
	dirtier = bpf_map_lookup_elem(&block_dirtiers, &file);
	if (dirtier)
		return *dirtier;
	if (!(flags->flags & PF_KTHREAD))
		return task_group_id(task);
	return unseen_group(file);
}

/* The group of a request that is still whole: completion takes the bios away. After the last part
 * of it the next user of the request is waited for. */
static __always_inline __u64 owner_of(struct request *rq, bool is_last)
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
	if (is_last)
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

/* Bytes that are read and written count when they are submitted, where we look at that: a bio that
 * is merged into the request of another group then counts for its own, and none is missed that a
 * hardened kernel completes where it lets no program run. (Merges of discards are not told of.) */
static __always_inline bool counts_at_start(__u32 operation)
{
	return block_owner == BLOCK_OWNER_TASK &&
	       (operation == BLOCK_READ || operation == BLOCK_WRITE);
}

static __always_inline void count_submitted(struct block_key *series, __u64 bytes)
{
	struct block_stats *stats;

	if (!counts_at_start(series->operation))
		return;
	stats = stats_of(series);
	if (stats)
		count(&stats->bytes, bytes);
}

static __always_inline void count_merged(struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;
	struct block_key series = {.operation = operation_of(bio->bi_opf)};

	series.device = device_of(disk);
	series.cgroup = submitter_of(bio, series.operation);
	count_submitted(&series, bio->bi_iter.bi_size);
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
	series.device = device_of(disk);
	series.cgroup = owner_of(rq, bytes >= length);
	if (status)
		count_error(&series, status);
	stats = stats_of(&series);
	if (!stats)
		return 0;
	if (!counts_at_start(series.operation))
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
	series.device = device_of(disk);
	series.cgroup = owner_of(rq, true);
	stats = stats_of(&series);
	if (!stats)
		return 0;
	if (!counts_at_start(series.operation))
		count(&stats->bytes, (__u64)rq->stats_sectors << 9);
	record_times(rq, stats);
	return 0;
}

SEC("?tp_btf/block_io_start")
int BPF_PROG(block_start, struct request *rq)
{
	struct gendisk *disk = disk_of(rq);
	struct block_key series = {.operation = operation_of(rq->cmd_flags)};
	__u64 address = (__u64)rq, *known;

	if (!disk)
		return 0;
	series.device = device_of(disk);
	series.cgroup = submitter_of(rq->bio, series.operation);
	known = bpf_map_lookup_elem(&block_owners, &address);
	if (known)
		*known = series.cgroup;
	else if (bpf_map_update_elem(&block_owners, &address, &series.cgroup, BPF_ANY))
		count(&block_lost[BLOCK_LOST_OWNER], 1);
	count_submitted(&series, rq->__data_len);
	return 0;
}

SEC("?tp_btf/block_bio_backmerge")
int BPF_PROG(block_backmerge, struct bio *bio)
{
	count_merged(bio);
	return 0;
}

SEC("?tp_btf/block_bio_frontmerge")
int BPF_PROG(block_frontmerge, struct bio *bio)
{
	count_merged(bio);
	return 0;
}

/* Once for each time that a file becomes dirty, not for each of its pages. */
SEC("?tp_btf/writeback_dirty_inode_enqueue")
int BPF_PROG(block_dirty, struct inode *inode)
{
	__u64 file = (__u64)inode, owner = task_group_id(bpf_get_current_task_btf());

	if (!block_looking_since)
		block_looking_since = inode->dirtied_when;
	if ((inode->i_mode & S_IFMT) == S_IFREG)
		bpf_map_update_elem(&block_dirtiers, &file, &owner, BPF_ANY);
	return 0;
}
