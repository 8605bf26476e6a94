# SPDX-License-Identifier: Apache-2.0
"""Drills on the node itself; they need root."""

import os
import subprocess
import unittest
from pathlib import Path

from drill_world import World
from servers import Agent, wait_until

OFF = ("hardware", "sched", "block", "irq", "tcp", "process", "kafka", "clickhouse", "cgroups")


@unittest.skipUnless(os.geteuid() == 0, "mounting and making groups needs root")
class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = cls.enterClassContext(Agent({
            "collectors": {**{name: {"enabled": False} for name in OFF}, "filesystem": {"period": "1s"}}}))
        cls.disk = cls.agent.path / "disk"
        cls.disk.mkdir()
        image = cls.agent.path / "image"
        subprocess.run(["truncate", "-s", "64M", image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, cls.disk], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", cls.disk], check=True)
        cls.agent.wait_collecting()
        wait_until("the file system is seen", lambda: str(cls.disk) in cls.agent.get("/metrics"))
        cls.world = World(cls, cls.agent, [], mounts=[str(cls.disk)])

    def test_disk_filling(self):
        big = self.disk / "big"
        self.world.drill("NodeDiskFilling", "NodeDiskFilling", "node", "a file system is filled",
                         promise=60, inject=lambda: big.write_bytes(b"x" * (50 << 20)), heal=lambda: big.unlink(missing_ok=True))

    def test_oom_kills(self):
        root = Path("/sys/fs/cgroup")
        second_version = (root / "cgroup.controllers").exists()
        memory = (root if second_version else root / "memory") / f"plumbline-drill-{os.getpid()}"
        memory.mkdir()
        self.addCleanup(memory.rmdir)
        (memory / ("memory.max" if second_version else "memory.limit_in_bytes")).write_text(str(32 << 20))

        def inject():
            done = subprocess.run(["sh", "-c", f"echo $$ > {memory}/cgroup.procs; exec python3 -c 'b = bytearray(256 << 20)'"])
            self.assertEqual(done.returncode, -9)
        self.world.drill("NodeOomKills", "NodeOomKills", "node", "a process takes more memory than its group may",
                         promise=30, inject=inject, heal=lambda: None)


if __name__ == "__main__":
    unittest.main()
