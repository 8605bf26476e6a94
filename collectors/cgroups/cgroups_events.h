/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What cgroups_births.bpf.c tells and births.cc reads: one layout for both sides. */
#pragma once

#include <linux/types.h>

/* The longest path that the kernel's own tracepoints carry (TRACE_CGROUP_PATH_LEN). */
#define CGROUP_PATH_BYTES 1024

enum cgroup_event_kind {
	CGROUP_MADE,
	CGROUP_REMOVED, /* without a path */
};

struct cgroup_event {
	__u64 id;
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 kind;    /* enum cgroup_event_kind */
	__u32 length;  /* bytes of the path, without an end mark */
	char path[CGROUP_PATH_BYTES];
};
