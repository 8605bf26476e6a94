# SPDX-License-Identifier: Apache-2.0
"""What this machine really sends is on record in tests/golden; which part of the list it sends
depends on its hardware and kernel. catalogue_test.py holds the record to the catalogue."""

import re
import unittest

import otlp_json
from servers import ROOT, Agent, Collector

OVERFLOW = "otel.metric.overflow"
# What series of a container have on the page beside their own (agent/identity/owner.cc).
OWNER = {f"k8s_{kind}_name" for kind in ("namespace", "pod", "container", "deployment", "replicaset",
                                         "statefulset", "daemonset", "cronjob", "job")} | {
    "container_runtime_name", "service_name", "plumbline_workload_name", "plumbline_team"}


def record_of(name):
    """{metric name: (words of its line, its attributes)}"""
    entries = {}
    for line in (ROOT / "tests/golden" / name).read_text().splitlines():
        words, attributes = re.fullmatch(r"(.*) \[(.*)\]", line).groups()
        entries[words.split()[0]] = (words.split()[1:], set(attributes.split(", ")))
    return entries


class Golden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = cls.enterClassContext(Collector())
        cls.agent = cls.enterClassContext(Agent({"otlp": [{"endpoint": cls.collector.endpoint("grpc")}]}))
        cls.agent.wait_collecting()
        cls.requests = cls.collector.wait_requests(3)

    def test_what_otlp_carries(self):
        record = record_of("otlp_metrics.txt")
        for metric in otlp_json.metrics(self.requests):
            with self.subTest(metric["name"]):
                (unit, instrument), attributes = record[metric["name"]]
                self.assertEqual((metric["unit"], otlp_json.instrument(metric)), (unit, instrument))
                for point in otlp_json.points(metric):
                    self.assertLessEqual(set(otlp_json.attributes(point.get("attributes"))),
                                         attributes | {OVERFLOW})

    def test_what_prometheus_reads(self):
        record = record_of("prometheus_metrics.txt")
        text = self.agent.get("/metrics")
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        del types["target_info"]
        self.assertEqual({name: kind for name, kind in types.items() if record[name][0] != [kind]}, {})
        own = {"le", re.sub(r"\W", "_", OVERFLOW)}
        for name, labels in re.findall(r"^(\w+)\{(.*)\} ", text, re.MULTILINE):
            family = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
            if family != "target_info":
                keys = set(re.findall(r'(\w+)="', re.sub(r'\\.', "", labels)))
                owner = OWNER if "linux_cgroup_path" in keys else set()
                self.assertLessEqual(keys, record[family][1] | own | owner, name)


if __name__ == "__main__":
    unittest.main()
