# SPDX-License-Identifier: Apache-2.0
"""The drills that take seconds: one Kafka, one agent, one fault after the other."""

import signal
import unittest

from consumers import wait_read
from kafka_server import Kafka
from pipelines import BEFORE, Pipelines, pipeline
from receiver import Receiver


class Drills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())
        cls.receiver = Receiver()
        cls.addClassCleanup(lambda: cls.receiver.end())
        cls.pipelines = Pipelines(cls, cls.kafka, [
            pipeline("slow", alerting={"onBacklog": 100}),
            pipeline("gone"),
            pipeline("fresh", freshness={"within": "5s", "target": 99}),
            pipeline("picky", deadLetterTopic="picky.dlq"),
            pipeline("short")], otlp=[f"http://127.0.0.1:{cls.receiver.port}"])
        cls.drill = cls.pipelines.world.drill

    def test_backlog(self):
        self.drill("PipelineBacklog", "SlowBacklog", "slow", "a consumer hangs while records come",
                   promise=60, inject=lambda: self.pipelines.freeze("slow", 500),
                   heal=self.pipelines.consumers["slow"].thaw)

    def test_stopped(self):
        consumer = self.pipelines.consumers["gone"]

        def inject():
            consumer.leave()
            self.kafka.produce("gone", range(50))

        def heal():
            consumer.begin()
            wait_read(self.pipelines.agent, "gone")
        self.drill("PipelineStopped", "GoneStopped", "gone", "the consumer is stopped",
                   promise=45, inject=inject, heal=heal)

    def test_freshness(self):
        self.drill("PipelineFreshnessBurn", "SloFreshFreshnessBurn", "fresh", "records wait longer than promised",
                   promise=60, inject=lambda: self.pipelines.freeze("fresh", 50),
                   heal=self.pipelines.consumers["fresh"].thaw)

    def test_dead_letters(self):
        self.drill("PipelineDeadLetters", "PickyDeadLetters", "picky", "records go to the dead-letter topic",
                   promise=60, inject=lambda: self.kafka.produce("picky.dlq", range(3)), heal=lambda: None)

    def test_lost(self):
        def inject():
            self.pipelines.freeze("short", 400)
            self.pipelines.delete_records("short", BEFORE + 20)
        self.drill("PipelineLost", "ShortLost", "short", "records are deleted before they are read",
                   promise=40, inject=inject, heal=self.pipelines.consumers["short"].thaw)

    def test_destination_down(self):
        port = self.receiver.port

        def heal():
            type(self).receiver = Receiver(port)
        self.drill("PlumblineDestinationDown", "PlumblineDestinationDown", "plumbline", "the receiver is stopped",
                   promise=45, inject=self.receiver.end, heal=heal)

    # Not the first one: objectives, which are seen from the second scrape on, must have been seen for half an hour.
    def test_silent_agent(self):
        self.drill("PlumblineAgentDown", "PlumblineAgentDown", "plumbline", "the agent is stopped",
                   promise=30, inject=lambda: self.pipelines.agent.process.send_signal(signal.SIGSTOP),
                   heal=lambda: self.pipelines.agent.process.send_signal(signal.SIGCONT))

    def test_the_whole_kafka_down(self):  # the last one: kcat ends when no broker is left
        self.drill("KafkaDown", "KafkaDown", "kafka", "the broker is stopped",
                   promise=45, inject=self.kafka.stop, heal=self.kafka.begin)


if __name__ == "__main__":
    unittest.main()
