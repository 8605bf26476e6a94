// SPDX-License-Identifier: GPL-2.0
/* The node is short of memory: the allocating thread frees pages before it goes on. */
#include "collectors/memory/reclaim.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(on_direct_begin)
{
	return stall_begin();
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(on_direct_end, unsigned long pages)
{
	return stall_end(pages);
}
