# SPDX-License-Identifier: Apache-2.0
"""The kubelet's podresources: which devices it gave to whom, and a socket that refuses, breaks,
answers nonsense, slowly or at length."""

import json
import os
import re
import tempfile
import time
import unittest
from pathlib import Path

import device_plugin
import kubernetes
from faults_test import FakeKubelet, pod, value
from grpc_fake import GrpcFake, field
from servers import Agent, wait_until

RESOURCE = "nvidia.com/gpu"


def grants(pods):
    """A ListPodResourcesResponse: (namespace, pod, container, devices)."""
    out = b""
    for namespace, name, container, devices in pods:
        given = field(1, RESOURCE) + b"".join(field(2, device) for device in devices)
        out += field(1, field(1, name) + field(2, namespace) + field(3, field(1, container) + field(2, given)))
    return out


def shares(agent):
    """(pod, container, team) → how many devices, as the Prometheus page has them."""
    found = {}
    for labels, count in re.findall(r"^plumbline_identity_devices\{([^}]*)\} (\S+)$", agent.get("/metrics"), re.M):
        by = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
        if by.get("plumbline_device_resource") == RESOURCE:
            found[by.get("k8s_pod_name"), by.get("k8s_container_name"), by.get("plumbline_team")] = float(count)
    return found


def devices(agent):
    """Of all; nothing when there is none."""
    return sum(shares(agent).values()) or None


def coverage(agent):
    return next(one for one in agent.get_json("/api/v1/coverage")["signals"]
                if one["signal"] == "identity.devices")


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="plumbline-devices-")))
        self.kubelet = FakeKubelet()
        self.addCleanup(self.kubelet.server.shutdown)
        self.fake = GrpcFake(self.folder / "kubelet.sock", grants([("load", "pod-1", "main", ["GPU-1", "GPU-2"])]))
        self.addCleanup(self.fake.close)

    def start(self):
        agent = self.enterContext(Agent({"identity": {
            "source": "kubelet", "period": "1s", "kubelet": {"url": self.kubelet.url},
            "pod_resources_socket": self.fake.path}}))
        agent.wait_collecting()
        return agent

    def warnings(self, agent):
        return [line for line in agent.log().splitlines() if "no devices from podresources" in line]

    def expect_warning(self, answer, *words):
        well, self.fake.answer = self.fake.answer, answer
        agent = self.start()
        wait_until("a warning", lambda: self.warnings(agent))
        calls = self.fake.calls
        wait_until("it asks again", lambda: self.fake.calls > calls + 1)
        # One for each reason: what comes of garbage is refused by the session or by the connection.
        reasons = [line.split("warning identity:")[1] for line in self.warnings(agent)]
        self.assertEqual(len(reasons), len(set(reasons)), reasons)
        self.assertLessEqual(len(reasons), 2, reasons)
        for word in words:
            self.assertIn(word, self.warnings(agent)[0])
        self.assertIsNone(devices(agent))
        self.fake.answer = well
        wait_until("it recovers", lambda: devices(agent) == 2)
        self.assertEqual(coverage(agent)["state"], "available")

    def test_devices_are_counted_for_living_pods(self):
        self.kubelet.answer = (200, json.dumps({"items": [pod(1)]}))
        agent = self.start()
        wait_until("both are there", lambda: devices(agent) == 2)
        self.assertEqual(coverage(agent)["mechanism"], "podresources")

    def test_denied(self):
        self.expect_warning((7, "not for you"), "not for you")

    def test_internal_error(self):
        self.expect_warning((13, "broken"), "broken")

    def test_garbage(self):
        self.expect_warning(lambda peer: peer.sendall(b"\xff\x00" * 2048), self.fake.path)

    def test_an_answer_that_is_no_message(self):
        self.expect_warning(b"\x0a\x7f\xff", "not a protobuf message")

    def test_a_connection_that_breaks(self):
        self.expect_warning(lambda peer: None, self.fake.path)

    def test_a_slow_one_holds_up_nobody(self):
        self.kubelet.answer = (200, json.dumps({"items": [pod(1)]}))
        self.fake.answer = lambda peer: time.sleep(30)
        agent = self.start()
        wait_until("pods are named", lambda: value(agent, "plumbline_identity_pods") == 1)
        begin = time.monotonic()
        agent.get("/metrics")
        self.assertLess(time.monotonic() - begin, 5)
        wait_until("a warning", lambda: self.warnings(agent))

    def test_ten_thousand_pods_and_hostile_names(self):
        names = [f"pod-{i}" for i in range(9_998)] + ["a\nb\x00" + "x" * 65_536, "\ufffd\x7f"]
        self.fake.answer = grants([("load", name, "main", [f"GPU-{i}"]) for i, name in enumerate(names)])
        agent = self.start()

        def all_of_them():  # those beyond the limit of series are one of them
            return sum(float(count) for count in
                       re.findall(r"^plumbline_identity_devices\{[^\n]*\} (\S+)$", agent.get("/metrics"), re.M))
        # kMaxGrants of pod_proto.h.
        wait_until("as many as are taken", lambda: all_of_them() == 4_096)
        self.assertEqual(self.warnings(agent), [])

    def test_a_socket_that_comes_later_and_is_made_anew(self):
        self.fake.close()
        os.unlink(self.fake.path)
        agent = self.start()
        wait_until("a warning", lambda: self.warnings(agent))
        self.assertEqual(coverage(agent)["state"], "unavailable")
        again = GrpcFake(self.fake.path, grants([("load", "pod-1", "main", ["GPU-1"])]))
        self.addCleanup(again.close)
        wait_until("it is found", lambda: devices(agent) == 1)


@unittest.skipIf(kubernetes.missing() or device_plugin.missing(), kubernetes.missing() or device_plugin.missing())
class RealKubelet(unittest.TestCase):
    def test_a_device_has_the_container_that_the_kubelet_gave_it_to(self):
        with kubernetes.Node() as node, \
                device_plugin.DevicePlugin(node.device_plugins, RESOURCE, ["GPU-1", "GPU-2", "GPU-3"]) as plugin, \
                Agent({"identity": {"source": "pods_api", "period": "1s", "pods_api_socket": node.pods_socket,
                                    "teams": ["label:team"], "pod_resources_socket": node.resources_socket}}) as agent:
            node.run_pod("web", ["sleep", "1000000"])
            node.run_pod("train", ["sleep", "1000000"], labels={"team": "ml"}, resources={"limits": {RESOURCE: "2"}})
            node.wait_running("train")
            self.assertEqual(len(plugin.given()), 2)
            wait_until("they are known", lambda: shares(agent) == {("train-node1", "main", "ml"): 2})
            self.assertEqual(coverage(agent)["state"], "available")
            self.assertNotIn("no devices from", agent.log())
            node.remove_pod("train")
            wait_until("they are free", lambda: devices(agent) is None)


if __name__ == "__main__":
    unittest.main()
