// SPDX-License-Identifier: GPL-2.0
/*
 * How long connections waited in the accept queue. The kernel has no tracepoint where a connection
 * leaves it, so this looks at what the system call returns; any hook on a system call makes all of
 * them slower, so only where it is asked for.
 */
#include "collectors/tcp/tcp_latency.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define TYPE_MASK 0xf000 /* S_IFMT */
#define TYPE_SOCKET 0xc000

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct socket {
	struct sock *sk;
};

struct inode {
	__u16 i_mode;
};

struct file {
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct task_struct___files {
	struct files_struct *files;
};

#pragma clang attribute pop

/* tracefs: events/syscalls/sys_exit_accept/format */
struct system_call_end {
	__u64 common;
	long number;
	long result;
};

static __always_inline struct sock *socket_of(unsigned int descriptor)
{
	struct task_struct___files *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file, **files;
	struct socket *socket;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	files = BPF_CORE_READ(table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), files + descriptor) || !file)
		return NULL;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & TYPE_MASK) != TYPE_SOCKET)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline int accepted(const struct system_call_end *call)
{
	__u64 address, now = bpf_ktime_get_ns();
	struct tcp_connection *connection;

	if (call->result < 0)
		return 0;
	address = (__u64)socket_of(call->result);
	connection = bpf_map_lookup_elem(&tcp_connections, &address);
	if (!connection || !connection->since_ns)
		return 0;
	tcp_record(&latency, connection->cgroup, TCP_LATENCY_ACCEPT_WAIT,
		   now > connection->since_ns ? now - connection->since_ns : 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_accept")
int tcp_accept(const struct system_call_end *call)
{
	return accepted(call);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int tcp_accept4(const struct system_call_end *call)
{
	return accepted(call);
}
