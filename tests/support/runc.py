# SPDX-License-Identifier: Apache-2.0
"""Real containers by runc alone: a bundle of busybox, in cgroups named as containerd's systemd
driver names those of pods. Fast enough for jobs that live 50 ms. Root only."""

import json
import os
import shutil
import subprocess
import uuid
from pathlib import Path


def missing():
    """Why containers cannot be started here; empty when they can."""
    if os.geteuid() != 0:
        return "needs root"
    absent = [name for name in ("runc", "busybox") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def pod_slice(uid):
    return f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid.replace('-', '_')}.slice"


class Bundles:
    """A root file system that all containers share, and a bundle for each below `folder`."""

    def __init__(self, folder):
        self.path = Path(folder)
        self.root = self.path / "root"
        self.state = self.path / "state"
        for name in ("bin", "dev", "proc", "sys", "tmp", "data"):
            (self.root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.root / "bin/busybox")
        for applet in ("sh", "sleep", "true", "dd", "nc", "kill"):
            (self.root / "bin" / applet).symlink_to("busybox")
        self.pod = str(uuid.uuid4())
        self.slice = pod_slice(self.pod)

    def make(self, number, script, writes_to=None):
        """(id, cgroup path, bundle) of a container on the host's network that runs `script`: by sh, or a
        list of words as they are."""
        identity = f"{uuid.uuid4().hex}{number:032x}"
        group = f"{self.slice}/cri-containerd-{identity}.scope"
        mounts = [{"destination": "/proc", "type": "proc", "source": "proc"},
                  # Its own, for runc makes links there, and the root is shared.
                  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}]
        if writes_to is not None:
            mounts.append({"destination": "/data", "type": "bind", "source": str(writes_to),
                           "options": ["bind", "rw"]})
        bundle = self.path / f"bundle-{number}"
        bundle.mkdir()
        (bundle / "config.json").write_text(json.dumps({
            "ociVersion": "1.0.2", "hostname": "job",
            "root": {"path": str(self.root), "readonly": True},
            "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/",
                        "env": ["PATH=/bin"], "args": script if isinstance(script, list) else ["sh", "-c", script]},
            "mounts": mounts,
            "linux": {"cgroupsPath": group,
                      "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}]}}))
        return identity, group, bundle

    def command(self, *words):
        return ["runc", "--root", str(self.state), *map(str, words)]

    def run(self, identity, bundle):
        """From start to end of the container, its state and cgroups included."""
        done = subprocess.run(self.command("run", "--bundle", bundle, identity), check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        shutil.rmtree(bundle)
        if done.returncode != 0:
            raise AssertionError(f"runc run: {done.stdout}")

    def start(self, identity, bundle):
        """In the background; runc itself ends at once."""
        subprocess.run(self.command("run", "--detach", "--bundle", bundle, identity), check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, identity):
        subprocess.run(self.command("delete", "--force", identity), check=True)

    def remove_slices(self):
        """runc leaves the groups above a container's own."""
        for hierarchy in [Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").iterdir()]:
            for path in (self.slice, os.path.dirname(self.slice), "/kubepods.slice"):
                try:
                    os.rmdir(f"{hierarchy}{path}")
                except OSError:
                    pass  # not here, or not ours alone
