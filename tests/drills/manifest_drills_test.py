# SPDX-License-Identifier: Apache-2.0
"""Drills on what manifests of the other kinds say: objectives that are told by queries, Kafka clusters,
fields that disagree with what is there."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from clickhouse_server import OTHERS, NewClickHouse
from consumers import Consumer, wait_read
from drill_world import SCALE, World, generate
from kafka_server import Kafka
from lag_agent import LagAgent
from servers import Agent, wait_until

BACKLOG = "plumbline_kafka_consumer_group_backlog"


def service(called, **slo):
    return {"kind": "Service", "metadata": {"name": called}, "spec": {"owner": "team-drills", "slos": [slo]}}


def kafka_cluster(name, **spec):
    return {"kind": "KafkaCluster", "metadata": {"name": name}, "spec": {
        "cluster": "main", "owner": "team-drills", "objectives": {"availability": {"target": 99}}, **spec}}


class Queries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())
        cls.consumers = {}
        for name in ("first", "second"):
            cls.start_group(name)
        cls.agent = cls.enterClassContext(LagAgent(brokers=[cls.kafka.address()])).wait_up()
        for name in cls.consumers:
            wait_read(cls.agent, name)
        cls.world = World(cls, cls.agent, cls.manifests(groups=2), kafka=cls.kafka)

    @staticmethod
    def manifests(groups):
        late = f"max by (group) ({BACKLOG}) > bool 1000000"
        return [service("asked", name="caught-up", target=99, badWhen=f'max({BACKLOG}{{group="first"}}) > bool 30'),
                service("many", name="each", target=95, badWhen=late, by=["group"], maxGroups=groups)]

    @classmethod
    def start_group(cls, name):
        cls.kafka.create_topic(name)
        cls.kafka.produce(name, range(20))
        cls.consumers[name] = Consumer(cls.kafka, name, name)
        cls.addClassCleanup(cls.consumers[name].end)

    def test_burn(self):
        def inject():
            self.consumers["first"].freeze()
            self.kafka.produce("first", range(100))
        self.world.drill("SloBurn", "SloAskedCaughtUpBurn", "asked", "what a query of the manifest calls bad",
                         promise=60, inject=inject, heal=self.consumers["first"].thaw)

    def test_groups(self):
        def heal():  # as its runbook says
            generate(self.world.folder, self.manifests(groups=3), SCALE)
            self.world.prometheus.process.send_signal(signal.SIGHUP)
        self.world.drill("SloGroups", "SloManyEachGroups", "many", "a third group where two are watched",
                         promise=90, inject=lambda: self.start_group("third"), heal=heal)


class Brokers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.first = cls.enterClassContext(Kafka())
        cls.second = cls.enterClassContext(Kafka(joins=cls.first))
        wait_until("two brokers", lambda: b"2 brokers" in cls.first.kcat("-L"))
        cls.agent = cls.enterClassContext(LagAgent(brokers=[cls.first.address()])).wait_up()
        cls.world = World(cls, cls.agent, [kafka_cluster("pair", brokers=2)], kafka=cls.first)

    def test_brokers(self):
        self.world.drill("KafkaBrokers", "PairBrokers", "pair", "one of two brokers is stopped",
                         promise=60, inject=self.second.stop, heal=self.second.begin)

    def test_availability(self):
        def inject():
            self.first.stop()
            wait_until("the budget burns", lambda: self.world.prometheus.query(
                'ALERTS{alertname="SloPairAvailabilityBurn",alertstate="firing"}'))
            self.first.begin()  # the alert that it is down ends, and silences this one no more
        self.world.drill("KafkaAvailabilityBurn", "SloPairAvailabilityBurn", "pair", "the cluster is away for a while",
                         promise=90, before={"KafkaDown", "PairBrokers"}, inject=inject, heal=lambda: None)


@unittest.skipUnless(os.geteuid() == 0, "mounting a small disk needs root")
class LogDisk(unittest.TestCase):
    SIZE = 256 << 20

    def test_log_disk(self):
        case = type(self)
        disk = Path(case.enterClassContext(tempfile.TemporaryDirectory(prefix="plumbline-disk-")))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "none", disk], check=True)
        case.addClassCleanup(lambda: subprocess.run(["umount", "--lazy", disk], check=True))
        kafka = case.enterClassContext(Kafka(properties={"log.dirs": disk / "data"}))
        agent = case.enterClassContext(LagAgent(brokers=[kafka.address()])).wait_up()
        world = World(case, agent, [kafka_cluster("tight", monitoring={"alertOnDisk": 80})], kafka=kafka)
        ballast = disk / "ballast"

        def fill():
            with open(ballast, "wb") as file:
                file.write(bytes(self.SIZE * 85 // 100))
        kafka.create_topic("kept")
        world.drill("KafkaLogDisk", "TightLogDisk", "tight", "the disk of the logs is filled",
                    promise=90, inject=fill, heal=ballast.unlink)


class Drift(unittest.TestCase):
    def test_drift(self):
        case = type(self)
        engine = case.enterClassContext(NewClickHouse())
        keep = "toDateTime(day) + INTERVAL {} DAY"
        engine.query("CREATE TABLE default.kept (day Date) ENGINE = MergeTree PARTITION BY day ORDER BY day "
                     f"TTL {keep.format(30)}")
        manifest = {"kind": "ClickHouseCluster", "metadata": {"name": "declared"}, "spec": {
            "endpoints": [f"127.0.0.1:{engine.port}"], "owner": "team-drills", "retentionDays": 30,
            "objectives": {"availability": {"target": 95}, "queries": {"target": 95},
                           "latency": {"target": 95, "below": "8s"}}}}
        folder = Path(case.enterClassContext(tempfile.TemporaryDirectory(prefix="plumbline-manifests-")))
        (folder / "declared.yaml").write_text(json.dumps({"apiVersion": "platform.sivaro.io/v1", **manifest}))
        agent = case.enterClassContext(Agent(
            {"clickhouse": [{"url": engine.url}], "collectors": {name: {"enabled": False} for name in OTHERS}},
            arguments=["--manifests", folder])).wait_collecting()
        agreement = "plumbline_manifest_field_agreement{"
        wait_until("the manifest is compared", lambda: agreement in agent.get("/metrics"))

        def keep_for(days):
            return lambda: engine.query(f"ALTER TABLE default.kept MODIFY TTL {keep.format(days)}")
        world = World(case, agent, [manifest], clickhouse=engine, scale=20)
        world.drill("ManifestDrift", "DeclaredDrift", "declared", "somebody changes the TTL of a table",
                    promise=180, inject=keep_for(60), heal=keep_for(30))


if __name__ == "__main__":
    unittest.main()
