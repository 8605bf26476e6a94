# SPDX-License-Identifier: Apache-2.0
"""What a process and its children cost, by the kernel's own accounting."""

import pathlib


def family(pid):
    """The process and all that descend from it, now."""
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        for children in pathlib.Path(f"/proc/{current}/task").glob("*/children"):
            try:
                queue.extend(int(word) for word in children.read_text().split())
            except OSError:
                continue
    return found


def cpu_seconds(pid):
    """CPU time of the living threads: /proc/PID/task/TID/schedstat field 1, in ns. The ticks of
    /proc/PID/stat are 10 ms wide and miss short work."""
    total = 0
    for member in family(pid):
        for schedstat in pathlib.Path(f"/proc/{member}/task").glob("*/schedstat"):
            try:
                total += int(schedstat.read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e9


def memory_bytes(pid):
    """(RSS, PSS, anonymous): /proc/PID/smaps_rollup, summed over the family."""
    rss = pss = own = 0
    for member in family(pid):
        try:
            for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1]) * 1024
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1]) * 1024
                elif line.startswith("Anonymous:"):
                    own += int(line.split()[1]) * 1024
        except OSError:
            continue
    return rss, pss, own


def bpf_objects(pid, kind):
    """The fields of /proc/PID/fdinfo of every BPF object a process holds open, by its id. `kind` is
    "map_id" or "prog_id"; links, which name a program too, are left out."""
    objects = {}
    for member in family(pid):
        for info in pathlib.Path(f"/proc/{member}/fdinfo").glob("*"):
            try:
                lines = info.read_text().splitlines()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in lines if ":" in line)
            if kind in fields and "link_type" not in fields:
                objects[fields[kind].strip()] = fields
    return objects.values()


def bpf_map_bytes(pid):
    """Kernel memory of the BPF maps a process holds (memlock)."""
    return sum(int(fields["memlock"]) for fields in bpf_objects(pid, "map_id"))


def bpf_run(pid):
    """(seconds run, runs) of the BPF programs a process holds; needs kernel.bpf_stats_enabled."""
    programs = bpf_objects(pid, "prog_id")
    return (sum(int(fields["run_time_ns"]) for fields in programs) / 1e9,
            sum(int(fields["run_cnt"]) for fields in programs))
