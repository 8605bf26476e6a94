// SPDX-License-Identifier: GPL-2.0
/* A group is at its memory limit: the thread that charges it frees pages of the group. */
#include "collectors/memory/reclaim.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(on_memcg_begin)
{
	return stall_begin();
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(on_memcg_end, unsigned long pages)
{
	return stall_end(pages);
}
