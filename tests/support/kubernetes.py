# SPDX-License-Identifier: Apache-2.0
"""A node without a cluster: a real containerd and a real kubelet that runs static pods. All of it
lives in a mount namespace of its own with its files in one folder; the kubelet's and CNI's settings
of the whole machine (sysctls) meet files that only look like them. Root only."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import servers

SYSCTLS = {"vm/overcommit_memory": "1", "kernel/panic": "10", "kernel/panic_on_oops": "1"}
# What both want at places of their own, each a folder of ours bound there.
PLACES = {"kubelet": "/var/lib/kubelet", "log": "/var/log", "containerd": "/run/containerd"}


def image(name):
    """A container image of busybox alone, as `docker save` writes it."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for folder in ("bin", "etc", "tmp", "proc", "sys", "dev"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        program = Path("/bin/busybox").read_bytes()
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(program), 0o755
        tar.addfile(entry, io.BytesIO(program))
        for applet in ("sh", "sleep", "cat", "dd", "true"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    content = layer.getvalue()
    config = {"architecture": "amd64", "os": "linux",
              "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sleep", "1000000"]},
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(content).hexdigest()]}}
    files = {"manifest.json": [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}],
             "config.json": config}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, value in [*((p, json.dumps(v).encode()) for p, v in files.items()), ("layer.tar", content)]:
            entry = tarfile.TarInfo(path)
            entry.size = len(value)
            tar.addfile(entry, io.BytesIO(value))
    return out.getvalue()


def missing():
    """Why a node cannot be started here; empty when it can."""
    if os.geteuid() != 0:
        return "needs root"
    absent = [name for name in ("containerd", "ctr", "runc", "unshare", "nsenter", "busybox")
              if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


class Node(servers.Server):
    """containerd and kubelet; `kubelet_url`, `ca_file`, `pods_socket` are how an agent reaches it."""

    def __init__(self):
        super().__init__()
        self.kubelet = servers.peer("kubelet")
        self.port, self.health_port = servers.free_port(), servers.free_port()
        for name in ("run", "img", "manifests", "certificates", "fake", "v", *(f"v/{p}" for p in PLACES)):
            (self.path / name).mkdir()
        for name in ("pause", "box"):
            (self.path / f"img/{name}.tar").write_bytes(image(f"docker.io/local/{name}:1"))
        (self.path / "img/box2.tar").write_bytes(image("docker.io/local/box:2"))
        self._configure()
        self.made = [Path(p) for p in PLACES.values() if not Path(p).exists()]
        for place in PLACES.values():
            Path(place).mkdir(parents=True, exist_ok=True)
        self.start(["unshare", "-m", "bash", self.path / "start.sh"], start_new_session=True)
        self.wait_ready(lambda: servers.http_get(f"http://127.0.0.1:{self.health_port}/healthz")[1] == "ok")

    def _configure(self):
        p = self.path
        (p / "containerd.toml").write_text(f"""version = 2
root = "{p}/root"
state = "/run/containerd/state"
[grpc]
  address = "{p}/run/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "{p}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/local/pause:1"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  containerd.runtimes.runc.runtime_type = "io.containerd.runc.v2"
""")
        (p / "kubelet.json").write_text(json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "staticPodPath": f"{p}/manifests", "fileCheckFrequency": "1s", "syncFrequency": "1s",
            "address": "127.0.0.1", "port": self.port, "healthzBindAddress": "127.0.0.1",
            "healthzPort": self.health_port, "registerNode": False,
            "containerRuntimeEndpoint": f"unix://{p}/run/containerd.sock",
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"}, "cgroupDriver": "cgroupfs", "failCgroupV1": False,
            "failSwapOn": False, "enforceNodeAllocatable": [], "makeIPTablesUtilChains": False,
            "oomScoreAdj": 0, "volumePluginDir": f"{p}/plugins", "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99, "featureGates": {"PodsAPI": True},
            "evictionHard": {"memory.available": "1Mi", "nodefs.available": "0%",
                             "imagefs.available": "0%", "nodefs.inodesFree": "0%",
                             "imagefs.inodesFree": "0%"}}))
        binds = "\n".join(f"mount --bind {p}/v/{name} {place}" for name, place in PLACES.items())
        fakes = "\n".join(f"echo {value} >{p}/fake/{name.replace('/', '_')}; "
                          f"mount --bind {p}/fake/{name.replace('/', '_')} /proc/sys/{name}"
                          for name, value in SYSCTLS.items())
        (p / "start.sh").write_text(f"""set -e
mount --make-rprivate / && mount --make-rshared /
{binds}
{fakes}
containerd -c {p}/containerd.toml >{p}/containerd.log 2>&1 & echo $! >{p}/containerd.pid
for i in $(seq 200); do ctr -a {p}/run/containerd.sock version >/dev/null 2>&1 && break; sleep .05; done
for t in {p}/img/*.tar; do ctr -a {p}/run/containerd.sock -n k8s.io images import $t >/dev/null; done
{self.kubelet} --config={p}/kubelet.json --cert-dir={p}/certificates --hostname-override=node1 & echo $! >{p}/kubelet.pid
wait
""")

    @property
    def kubelet_url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self):
        return str(self.path / "certificates/kubelet.crt")

    @property
    def pods_socket(self):
        return str(self.path / "v/kubelet/pods-api/pods-api.sock")

    @property
    def resources_socket(self):
        return str(self.path / "v/kubelet/pod-resources/kubelet.sock")

    @property
    def device_plugins(self):
        return self.path / "v/kubelet/device-plugins"

    def run_pod(self, name, command, labels=None, namespace="default", image_tag="1", resources=None, **spec):
        """A static pod with one container `main`; its API name is `name`-node1."""
        manifest = {"apiVersion": "v1", "kind": "Pod",
                    "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
                    "spec": {"hostNetwork": True, "terminationGracePeriodSeconds": 1, **spec,
                             "containers": [{"name": "main", "image": f"docker.io/local/box:{image_tag}",
                                             "imagePullPolicy": "Never", "command": command,
                                             "resources": resources or {}}]}}
        temporary = self.path / f"{name}.tmp"
        temporary.write_text(json.dumps(manifest))
        temporary.rename(self.path / f"manifests/{name}.yaml")

    def remove_pod(self, name):
        (self.path / f"manifests/{name}.yaml").unlink()

    def pods(self):
        """By name, as curl sees them at the kubelet."""
        body = subprocess.run(["curl", "-sk", self.kubelet_url + "/pods"], check=True,
                              stdout=subprocess.PIPE).stdout
        return {pod["metadata"]["name"]: pod for pod in json.loads(body).get("items") or []}

    def wait_running(self, name):
        def container_id():
            pod = self.pods().get(f"{name}-node1", {})
            for status in pod.get("status", {}).get("containerStatuses", []):
                if "running" in status["state"]:
                    return status["containerID"].split("//")[1]
            return None
        return servers.wait_until(f"{name} runs", container_id)

    def ctr(self, *words, **options):
        pid = (self.path / "containerd.pid").read_text().strip()
        return subprocess.run(["nsenter", "-t", pid, "-m", "ctr", "-a", self.path / "run/containerd.sock",
                               "-n", "k8s.io", *words], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, **options).stdout

    def exec(self, container, script):
        return self.ctr("tasks", "exec", "--exec-id", f"e{time.monotonic_ns()}", container, "sh", "-c", script)

    def stop(self, number=signal.SIGTERM, seconds=30):
        for manifest in (self.path / "manifests").glob("*.yaml"):
            manifest.unlink()
        end = time.monotonic() + 15
        while self.running() and time.monotonic() < end and self.ctr("tasks", "ls", "-q").strip():
            time.sleep(0.1)
        for program in ("kubelet", "containerd"):
            self._end(program)
        code = super().stop(number, seconds)
        for folder in Path("/sys/fs/cgroup").glob("*/kubepods"):
            subprocess.run(["find", folder, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"],
                           check=False, stderr=subprocess.DEVNULL)
        for place in self.made:
            if place.exists() and not any(place.iterdir()):
                place.rmdir()
        return code

    def _end(self, program):
        path = self.path / f"{program}.pid"
        if not path.exists():
            return
        pid = int(re.sub(r"\D", "", path.read_text()) or 0)
        try:
            if program == "containerd":
                for task in self.ctr("tasks", "ls", "-q").split():
                    self.ctr("tasks", "kill", "-s", "KILL", task)
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                os.kill(pid, 0)
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
