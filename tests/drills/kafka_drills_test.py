# SPDX-License-Identifier: Apache-2.0
"""Drills on Kafka: those that take a minute, and those that need several brokers."""

import signal
import subprocess
import unittest

from kafka_server import JAVA, Kafka
from pipelines import BEFORE, Pipelines, pipeline
from servers import wait_until

PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


class Drills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka(properties={"transaction.max.timeout.ms": 3_600_000}))
        hour = 3600 * 1000
        cls.pipelines = Pipelines(
            cls, cls.kafka,
            [pipeline("stuck"), pipeline("late"), pipeline("whole", completeness=99.9), pipeline("open"),
             {**pipeline("hidden"), "spec": {**pipeline("hidden")["spec"], "source": {
                 "type": "kafka", "cluster": "side", "topic": "hidden", "consumerGroup": "hidden"}}}],
            topics={"late": {"retention.ms": hour + 15_000}},
            # Half of 400 records is not a tenth of what may be lost in a month.
            events={"whole-completeness": 500},
            others=[{"name": "side", "brokers": [cls.kafka.address()]}])
        cls.agent = cls.pipelines.agent
        cls.drill = cls.pipelines.world.drill

    def frozen(self, name, records):
        return {"inject": lambda: self.pipelines.freeze(name, records), "heal": self.pipelines.consumers[name].thaw}

    def test_stalled(self):
        self.drill("PipelineStalled", "StuckStalled", "stuck", "a consumer hangs and stays a member",
                   promise=120, **self.frozen("stuck", 20))

    def test_loss_ahead(self):
        self.drill("PipelineLossAhead", "LateLossAhead", "late", "a consumer hangs on a topic of short retention",
                   promise=60, **self.frozen("late", 20))

    def test_completeness(self):
        def inject():
            self.pipelines.freeze("whole", 400)
            self.pipelines.delete_records("whole", BEFORE + 200)
        self.drill("PipelineCompletenessBurn", "SloWholeCompletenessBurn", "whole", "half of all records are deleted unread",
                   promise=40, before={"WholeLost"}, inject=inject,
                   heal=self.pipelines.consumers["whole"].thaw)

    def test_hanging_transaction(self):
        def write(count, identity="drill"):
            return subprocess.Popen(
                [*JAVA, "-Xmx128m", PERFORMANCE, "--topic", "open", "--num-records", str(count), "--record-size", "10",
                 "--throughput", "10", "--transactional-id", identity, "--transaction-duration-ms", "3000000",
                 "--command-property", f"bootstrap.servers={self.kafka.address()}", "transaction.timeout.ms=3000000"],
                env=self.kafka.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        writer = write(100_000)

        def inject():
            wait_until("the transaction is open", lambda: "drill" in self.agent.by(
                "plumbline_kafka_transaction_open_duration_seconds", "plumbline_kafka_transactional_id"))
            writer.kill()
            writer.wait()

        def heal():  # as its runbook says: the next one of that name ends it
            write(1).wait()
        self.addCleanup(writer.kill)
        self.drill("PipelineHangingTransaction", "OpenHangingTransaction", "open", "a producer dies in a transaction",
                   promise=60, inject=inject, heal=heal)

    def test_blind(self):
        def clusters(*names):
            settings = {**self.agent.settings, "kafka_clusters": [
                {"name": name, "brokers": [self.kafka.address()]} for name in names]}
            self.agent.configure(settings)
            self.agent.process.send_signal(signal.SIGHUP)
        self.drill("SloBlind", "SloHiddenFreshnessBlind", "hidden", "the configuration loses a cluster",
                   promise=60, before={"SloHiddenCompletenessBlind"}, inject=lambda: clusters("main"),
                   heal=lambda: clusters("main", "side"))


class Replicas(unittest.TestCase):
    """With two further brokers, each with replicas of one topic, which are taken away."""

    @classmethod
    def setUpClass(cls):
        cls.first = cls.enterClassContext(Kafka())
        # Topics of groups are made while there is one broker.
        cls.first.kcat("-P", "-t", "warm", stdin=b"1\n")
        cls.first.kcat("-G", "warm", "-c", 1, "-X", "auto.offset.reset=earliest", "warm")
        cls.second = cls.join(2)
        cls.drill = Pipelines(cls, cls.first, [pipeline("twofold")], replicas=2).world.drill
        cls.third = cls.join(3)
        cls.first.tool("topics", "--create", "--topic", "lonely", "--replica-assignment", cls.third.number)

    @classmethod
    def join(cls, count):
        broker = cls.enterClassContext(Kafka(joins=cls.first))
        wait_until(f"{count} brokers", lambda: f"{count} brokers".encode() in cls.first.kcat("-L"))
        return broker

    def test_under_replicated(self):
        self.drill("PipelineUnderReplicated", "TwofoldUnderReplicated", "twofold", "one of two brokers is stopped",
                   promise=60, inject=self.second.stop, heal=self.second.begin)

    def test_offline(self):
        self.drill("KafkaPartitionsOffline", "KafkaPartitionsOffline", "kafka",
                   "the broker with the only replica is stopped",
                   promise=60, inject=self.third.stop, heal=self.third.begin)


if __name__ == "__main__":
    unittest.main()
