# SPDX-License-Identifier: Apache-2.0
"""A running agent with manifests beside real ClickHouse: what a manifest says wrongly is a finding
with a sentence, what it says rightly agrees, what nobody can see is absent."""

import re
import signal
import unittest

from clickhouse_server import OTHERS, NewClickHouse, OldClickHouse
from servers import Agent, wait_until

CLUSTER = """apiVersion: platform.sivaro.io/v1
kind: ClickHouseCluster
metadata: {{name: metrics}}
spec: {{cluster: {cluster}, shards: {shards}, replication: {replication}, retentionDays: {days}}}
---
apiVersion: platform.sivaro.io/v1
kind: DataPipeline
metadata: {{name: events}}
spec:
  source: {{topic: t, consumerGroup: g}}
  sink: {{table: {table}, partitionKey: toYYYYMM(day), orderKey: "{order}"}}
"""
RIGHT = {"cluster": "both", "shards": 2, "replication": 1, "days": 90, "table": "shop.events",
         "order": "(who, day)"}


class Case(unittest.TestCase):
    engine_type = None

    @classmethod
    def setUpClass(cls):
        if cls.engine_type is None:
            raise unittest.SkipTest("the cases of the engines below")
        cls.engine = cls.enterClassContext(cls.engine_type())
        cls.engine.query("CREATE DATABASE shop")
        cls.engine.query(f"""CREATE TABLE shop.events (day Date, who String) ENGINE = MergeTree
            PARTITION BY toYYYYMM(day) ORDER BY (who, day) {cls.ttl}""")

    def start(self, **wrong):
        folder = self.engine.path / self.id()
        folder.mkdir()
        (folder / "platform.yaml").write_text(CLUSTER.format(**{**RIGHT, **wrong}))
        agent = self.enterContext(Agent(
            {"clickhouse": [{"url": self.engine.url}],
             "collectors": {name: {"enabled": False} for name in (*OTHERS, "kafka", "cgroups")}},
            arguments=["--manifests", folder]))
        return agent.wait_collecting(), folder

    @staticmethod
    def agreement(agent):
        """{field: 0 or 1}"""
        found = re.findall(r'^plumbline_manifest_field_agreement\{(.*)\} (\d)$', agent.get("/metrics"),
                           re.MULTILINE)
        return {re.search(r'plumbline_manifest_field="spec\.(.*?)"', labels).group(1): int(value)
                for labels, value in found}

    def wait_agreement(self, agent, wanted):
        try:
            wait_until("the manifests are compared", lambda: self.agreement(agent) == wanted)
        except AssertionError:
            raise AssertionError(f"{self.agreement(agent)}\n{agent.log()[-3000:]}") from None


class Old(Case):
    engine_type = OldClickHouse
    ttl = ""  # of a table came with 19.6
    right = {"shards": 1, "replication": 1, "retentionDays": 0, "sink.table": 1,
             "sink.partitionKey": 1, "sink.orderKey": 1}

    def test_what_is_said_rightly_agrees_and_a_table_without_ttl_is_found(self):
        agent, _ = self.start()
        self.wait_agreement(agent, self.right)
        self.assertIn("metrics: spec.retentionDays disagrees: shop.events on 127.0.0.1:"
                      f"{self.engine.port} has no TTL: nothing deletes its rows", agent.log())

    def test_wrong_replicas_and_order_are_found_and_a_mended_manifest_is_read_again(self):
        agent, folder = self.start(replication=3, order="(day, who)")
        self.wait_agreement(agent, {**self.right, "replication": 0, "sink.orderKey": 0})
        self.assertIn("spec.replication disagrees: the cluster both of 127.0.0.1:"
                      f"{self.engine.port} has 1", agent.log())
        self.assertIn("spec.sink.orderKey disagrees: shop.events on 127.0.0.1:"
                      f"{self.engine.port} has who, day", agent.log())
        (folder / "platform.yaml").write_text(CLUSTER.format(**RIGHT))
        agent.process.send_signal(signal.SIGHUP)
        self.wait_agreement(agent, self.right)

    def test_what_nobody_sees_is_absent_and_a_missing_table_is_found(self):
        agent, _ = self.start(cluster="elsewhere", table="shop.gone")
        self.wait_agreement(agent, {"retentionDays": 0, "sink.table": 0})


class New(Case):
    engine_type = NewClickHouse
    ttl = "TTL day + INTERVAL 30 DAY"

    def test_a_wrong_ttl_is_found_and_a_right_one_agrees(self):
        agent, _ = self.start(shards=1)
        right = {"shards": 1, "replication": 1, "sink.table": 1, "sink.partitionKey": 1,
                 "sink.orderKey": 1}
        self.wait_agreement(agent, {**right, "retentionDays": 0})
        self.assertRegex(agent.log(), r"spec.retentionDays disagrees: shop.events on \S+ keeps rows "
                                      "for 30 days")
        agent, _ = self.start_again(days=30, shards=1)
        self.wait_agreement(agent, {**right, "retentionDays": 1})

    def start_again(self, **wrong):
        (self.engine.path / self.id() / "platform.yaml").unlink()
        (self.engine.path / self.id()).rmdir()
        return self.start(**wrong)


if __name__ == "__main__":
    unittest.main()
