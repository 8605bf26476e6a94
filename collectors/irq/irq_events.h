/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* What the interrupt programs count and irq_collector.cc takes. */
#pragma once

#include "collectors/bpf/histogram.bpf.h"

#define IRQ_SOFTIRQ_TYPES 16 /* there are 10; a power of two, for the verifier */

struct softirq_times {
	struct latency_histogram wait;	  /* from raised to running */
	struct latency_histogram service; /* from running to done */
};
