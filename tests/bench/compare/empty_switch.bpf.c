// SPDX-License-Identifier: GPL-2.0
// What any probe on sched_switch costs: one that does nothing.

__attribute__((section("license"), used)) char LICENSE[] = "GPL";

__attribute__((section("tp_btf/sched_switch"), used)) int empty_switch(void *context)
{
	return 0;
}
