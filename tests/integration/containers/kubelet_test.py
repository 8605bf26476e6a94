# SPDX-License-Identifier: Apache-2.0
"""Real containers of a real kubelet: every number has its container, pod and team, that of jobs
which live 50 ms included; what happens to containers is told."""

import json
import socket
import threading
import unittest

import kubernetes
import owned
from servers import Agent, free_port, wait_until

JOBS = 100
RUNC = 2


class ApiServer:
    """Counts who comes to where a pod, a kubeconfig or a proxy would have the API server."""

    def __init__(self, folder):
        self.visits = 0
        self.listener = socket.create_server(("127.0.0.1", free_port()))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.kubeconfig = folder / "kubeconfig.json"
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "agent"}}],
            "users": [{"name": "agent", "user": {"token": "secret"}}]}))
        threading.Thread(target=self.count, daemon=True).start()

    def environment(self):
        return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.port),
                "KUBECONFIG": str(self.kubeconfig), "HTTPS_PROXY": self.url, "HTTP_PROXY": self.url,
                "https_proxy": self.url, "http_proxy": self.url}

    def count(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            peer.close()


@unittest.skipIf(kubernetes.missing(), kubernetes.missing())
class RealKubelet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(kubernetes.Node())
        cls.api_server = ApiServer(cls.node.path)
        cls.node.run_pod("web", ["sleep", "1000000"], labels={
            "team": "shop", "app": "web", "topology.kubernetes.io/region": "eu-1",
            "topology.kubernetes.io/zone": "eu-1b"})
        cls.web = cls.node.wait_running("web")
        cls.agent = cls.enterClassContext(Agent({
            "stdout": {"format": "otlp_json"},
            "identity": {"source": "kubelet", "period": "2s", "labels": ["app"],
                         "teams": ["label:team", "default:nobody"],
                         "kubelet": {"url": cls.node.kubelet_url, "ca_file": cls.node.ca_file,
                                     "server_name": "node1"}}},
            environment=cls.api_server.environment()))
        cls.agent.wait_collecting()

    def test_a_container_is_a_resource_with_its_pod_and_team(self):
        def resource():
            return next((resource for resource, _, _ in owned.points(self.agent.log())
                         if resource.get("container.id") == self.web and "k8s.pod.name" in resource), None)
        found = wait_until("the container has a name", resource)
        pod = self.node.pods()["web-node1"]
        expected = {"k8s.pod.name": "web-node1", "k8s.namespace.name": "default",
                    "k8s.pod.uid": pod["metadata"]["uid"], "k8s.container.name": "main",
                    "container.runtime.name": "containerd", "plumbline.team": "shop",
                    "plumbline.team.rule": "label:team", "service.name": "web",
                    "cloud.region": "eu-1",
                    "cloud.availability_zone": "eu-1b",
                    "container.image.name": "docker.io/local/box", "k8s.pod.label.app": "web",
                    "service.instance.id": "default.web-node1.main"}
        self.assertEqual(expected, {key: found.get(key) for key in expected})
        self.assertIn("host.name", found)
        self.assertNotIn("telemetry.sdk.name", found)
        page = self.agent.get("/metrics")
        self.assertRegex(page, r'plumbline_cgroup_memory_usage_bytes\{[^}]*k8s_pod_name="web-node1"')

    def test_jobs_of_50_ms_are_all_their_containers(self):
        script = f"i=0; while [ $i -lt {JOBS} ]; do sleep 0.05; i=$((i+1)); done; sleep 1000000"
        self.node.run_pod("jobs", ["sh", "-c", script], labels={"team": "batch"})
        container = self.node.wait_running("jobs")

        def exits():
            total = owned.newest_total(self.agent.log(), "plumbline.process.exits", container)
            return total if total is not None and total >= JOBS + RUNC else None
        # Two processes of runc end in the container before its own begins.
        self.assertEqual(wait_until("all jobs were seen", exits), JOBS + RUNC)
        others = {resource.get("k8s.pod.name") for resource, _, _ in owned.points(self.agent.log())
                  if resource.get("container.id") == container}
        self.assertIn("jobs-node1", others)

    def test_a_killed_container_keeps_its_name_and_its_end_is_told(self):
        self.node.run_pod("victim", ["sh", "-c", "while :; do :; done"], labels={"team": "shop"})
        first = self.node.wait_running("victim")
        wait_until("its CPU time is measured",
                   lambda: owned.newest_total(self.agent.log(), "plumbline.cgroup.cpu.time", first))
        self.node.ctr("tasks", "kill", "-s", "KILL", first)
        second = wait_until("it was started again", lambda: (
            lambda now: now if now != first else None)(self.node.wait_running("victim")))

        def told():
            return {record["eventName"]: (resource, attributes)
                    for resource, record, attributes in owned.events(self.agent.log())
                    if resource.get("k8s.pod.name") == "victim-node1"
                    and record["eventName"] in ("container.exit", "container.restart")}
        events = wait_until("both events", lambda: told() if len(told()) == 2 else None)
        resource, attributes = events["container.exit"]
        self.assertEqual(resource["container.id"], first)
        self.assertEqual(attributes["process.exit.code"], "137")
        self.assertEqual(attributes["plumbline.event.id"], f"container.exit/{first}")
        self.assertEqual(events["container.restart"][0]["container.id"], second)
        names = {resource.get("k8s.pod.name") for resource, metric, _ in owned.points(self.agent.log())
                 if resource.get("container.id") == first and metric["name"] == "plumbline.cgroup.cpu.time"}
        self.assertIn("victim-node1", names)

    def test_nobody_asks_the_api_server(self):
        wait_until("the kubelet was asked", lambda: "pods are named by the kubelet" in self.agent.log())
        self.assertEqual(self.api_server.visits, 0)
        socket.create_connection(("127.0.0.1", self.api_server.port)).close()
        wait_until("a visit would have been counted", lambda: self.api_server.visits == 1)


@unittest.skipIf(kubernetes.missing(), kubernetes.missing())
class PodsApi(unittest.TestCase):
    def test_the_pods_api_socket_names_the_same(self):
        with kubernetes.Node() as node:
            node.run_pod("web", ["sleep", "1000000"], labels={"team": "shop"})
            web = node.wait_running("web")
            with Agent({"stdout": {"format": "otlp_json"},
                        "identity": {"teams": ["label:team"], "pods_api_socket": node.pods_socket,
                                     "kubelet": {"url": "https://127.0.0.1:1"}}}) as agent:
                agent.wait_ready(lambda: "pods are named by the pods API" in agent.log())
                found = wait_until("the container has a name", lambda: next(
                    (resource for resource, _, _ in owned.points(agent.log())
                     if resource.get("container.id") == web and "k8s.pod.name" in resource), None))
                self.assertEqual(found["k8s.pod.name"], "web-node1")
                self.assertEqual(found["plumbline.team"], "shop")
                self.assertEqual(found["k8s.container.name"], "main")


if __name__ == "__main__":
    unittest.main()
