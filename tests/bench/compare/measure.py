# SPDX-License-Identifier: Apache-2.0
"""What a process and its children cost, by the kernel's own accounting."""

import json
import pathlib
import subprocess


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
    """(RSS, PSS): /proc/PID/smaps_rollup, summed over the family."""
    rss = pss = 0
    for member in family(pid):
        try:
            for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1]) * 1024
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1]) * 1024
        except OSError:
            continue
    return rss, pss


def bpftool(*words):
    out = subprocess.run(["bpftool", "-j", *words], capture_output=True, check=True).stdout
    return json.loads(out or b"[]")


def owned(objects, pid):
    members = set(family(pid))
    return [item for item in objects
            if any(owner["pid"] in members for owner in item.get("pids", []))]


def bpf_map_bytes(pid):
    """Kernel memory of the BPF maps a process holds (bytes_memlock)."""
    return sum(int(item.get("bytes_memlock", 0)) for item in owned(bpftool("map", "show"), pid))


def bpf_run(pid):
    """(seconds run, runs) of the BPF programs a process holds; needs kernel.bpf_stats_enabled."""
    programs = owned(bpftool("prog", "show"), pid)
    return (sum(item.get("run_time_ns", 0) for item in programs) / 1e9,
            sum(item.get("run_cnt", 0) for item in programs))
