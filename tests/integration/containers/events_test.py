# SPDX-License-Identifier: Apache-2.0
"""What happens to containers leaves as log events below their pod's resource, each with an id by which
a second copy is known: a deploy, a first start and how long it took, an OOM kill, a restart, a crash
loop, an image that does not come."""

import datetime
import json
import unittest

import owned
from faults_test import FakeKubelet, pod, value
from servers import Agent, wait_until

OLD, NEW = "7d4b9c6f5", "5c6f7d4b9"


def clock(seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def replica(number, revision, image, created):
    """A pod of the Deployment `web`."""
    made = pod(number, team="shop", **{"pod-template-hash": revision, "chosen": "yes", "unasked": "no"})
    made["metadata"] |= {"name": f"web-{revision}-{number:05d}", "creationTimestamp": created, "ownerReferences": [
        {"kind": "ReplicaSet", "name": f"web-{revision}", "controller": True}]}
    made["status"]["containerStatuses"][0]["image"] = image
    return made


class Happenings(unittest.TestCase):
    def setUp(self):
        self.kubelet = FakeKubelet()
        self.addCleanup(self.kubelet.server.shutdown)
        self.show(replica(1, OLD, "web:1", "2026-01-01T00:00:00Z"))
        self.agent = self.enterContext(Agent({"stdout": {"format": "otlp_json"}, "identity": {
            "source": "kubelet", "period": "1s", "teams": ["label:team"], "labels": ["chosen"],
            "kubelet": {"url": self.kubelet.url}}}))
        self.agent.wait_collecting()
        wait_until("the pod is known", lambda: value(self.agent, "plumbline_identity_pods") == 1)

    def show(self, *pods):
        self.kubelet.answer = (200, json.dumps({"items": pods}))

    def told(self):
        return {attributes["plumbline.event.id"]: (record["eventName"], resource, attributes)
                for resource, record, attributes in owned.events(self.agent.log())}

    def expect(self, identity):
        return wait_until(identity, lambda: self.told().get(identity))

    def test_a_deploy_and_how_long_its_pod_took(self):
        old = replica(1, OLD, "web:1", "2026-01-01T00:00:00Z")
        new = replica(2, NEW, "web:2", clock())
        new["status"]["conditions"] = [
            {"type": kind, "status": "True", "lastTransitionTime": clock(after)}
            for kind, after in (("PodScheduled", 0), ("PodReadyToStartContainers", 1), ("Ready", 5))]
        new["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] = clock(4)
        self.show(old, new)
        name, resource, attributes = self.expect(f"deploy/load/Deployment/web/{OLD}..{NEW}")
        self.assertEqual(name, "deploy")
        expected = {"k8s.deployment.name": "web", "k8s.replicaset.name": f"web-{NEW}", "plumbline.team": "shop",
                    "plumbline.team.rule": "label:team", "k8s.pod.label.chosen": "yes", "service.name": "web"}
        self.assertEqual(expected, {key: resource.get(key) for key in expected})
        self.assertNotIn("k8s.pod.label.unasked", resource)
        self.assertEqual(attributes["plumbline.deploy.images_before"], "main=web:1")
        self.assertEqual(attributes["plumbline.deploy.images"], "main=web:2")
        _, _, started = self.expect(f"container.start/{2:064x}")
        self.assertIn(started["plumbline.start.seconds"], ("2", "3", "4"))
        wait_until("the time to ready is counted", lambda: value(
            self.agent, 'plumbline_pod_startup_duration_seconds_count{plumbline_pod_stage="ready",plumbline_team="shop"}'))
        wait_until("the deploy is counted", lambda: value(
            self.agent, 'plumbline_container_events_total{event_name="deploy",plumbline_team="shop"}') == 1)

    def test_a_container_that_ends_again_and_again(self):
        broken = replica(1, OLD, "web:1", "2026-01-01T00:00:00Z")
        status = broken["status"]["containerStatuses"][0]
        status |= {"restartCount": 1, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                   "lastState": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled",
                                                "containerID": f"containerd://{1:064x}", "finishedAt": clock()}}}
        self.show(broken)
        name, resource, attributes = self.expect(f"container.exit/{1:064x}")
        self.assertEqual(name, "container.oom_kill")
        self.assertEqual(resource["k8s.deployment.name"], "web")
        self.assertEqual((attributes["process.exit.code"], attributes["plumbline.exit.signal"]), ("137", "9"))
        self.assertEqual(self.expect(f"container.crash_loop/{1:064x}")[0], "container.crash_loop")
        status |= {"containerID": f"containerd://{7:064x}", "state": {"running": {"startedAt": clock()}}}
        self.show(broken)
        self.assertEqual(self.expect(f"container.restart/{7:064x}")[0], "container.restart")

    def test_an_image_that_does_not_come(self):
        stuck = replica(3, OLD, "web:9", clock())
        stuck["status"]["containerStatuses"][0] |= {
            "containerID": "", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
        self.show(replica(1, OLD, "web:1", "2026-01-01T00:00:00Z"), stuck)
        name, _, attributes = self.expect(f"container.image_pull_failure/{stuck['metadata']['uid']}/main/0")
        self.assertEqual(name, "container.image_pull_failure")
        self.assertEqual(attributes["k8s.container.status.reason"], "ImagePullBackOff")


if __name__ == "__main__":
    unittest.main()
