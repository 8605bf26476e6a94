/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few kernel types our programs read, with only the fields they read. Every access is relocated
 * at load from the running kernel's own BTF, so field order and missing fields do not matter here.
 * What one program alone needs is declared in that program's file.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	__u64 id; /* inode of the cgroup's directory */
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

/* The length of the array is the kernel's own; only relocated constants index it. */
struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

/* What /proc/PID/schedstat shows: ns on the run queue's clock. */
struct sched_info {
	unsigned long long last_arrival; /* when it was last switched in */
	unsigned long long last_queued;	 /* since when it waits for a CPU; 0 when it does not */
};

struct rq {
	__u64 clock;
};

struct cfs_rq {
	struct rq *rq;
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct task_struct {
	int pid;  /* of the thread */
	int tgid; /* of the process */
	struct css_set *cgroups;
	struct sched_info sched_info;
	struct sched_entity se;
};

#pragma clang attribute pop

/* Only the names matter: their values are relocated. */
enum cgroup_subsys_id {
	cpu_cgrp_id,
	memory_cgrp_id,
	pids_cgrp_id,
};
