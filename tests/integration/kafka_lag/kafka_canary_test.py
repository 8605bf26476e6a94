# SPDX-License-Identifier: Apache-2.0
"""The canary against a real broker: that it measures, and that it tells late from lost."""

import json
import signal
import time
import unittest

from kafka_server import ACLS, Kafka
from lag_agent import LagAgent
from servers import wait_until

TOPIC = "plumbline-canary"
USER = "User:ann"


class Canary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = kafka = cls.enterClassContext(Kafka(properties=ACLS, users={"ann": "secret"}))
        cls.password = kafka.path / "password"
        cls.password.write_text("secret")
        for resource in (("--topic", "*"), ("--group", "*")):
            kafka.tool("acls", "--add", "--allow-principal", USER, "--operation", "Describe", *resource)

    def agent(self, **cluster):
        cluster = {"brokers": [self.kafka.address()], "canary": {"topic": TOPIC}, **cluster}
        return self.enterContext(LagAgent(**cluster)).wait_up()

    def as_ann(self, topic):
        """Her agent, which has no rights yet."""
        return self.agent(brokers=[self.kafka.address("sasl")], canary={"topic": topic}, sasl={
            "mechanism": "plain", "user": "ann", "password_file": str(self.password)})

    def acl(self, verb, operation, kind, name):
        self.kafka.tool("acls", verb, "--allow-principal", USER, "--operation", operation, kind, name,
                        *(["--force"] if verb == "--remove" else []))

    def messages(self, agent, result):
        found = agent.by("plumbline_kafka_canary_messages_total", "partition", "plumbline_result")
        return sum(value for (_, name), value in found.items() if name == result)

    def wait_messages(self, agent, result, count):
        return wait_until(f"{count} messages {result}", lambda: self.messages(agent, result) >= count)

    def test_it_makes_its_topic_and_measures_and_a_pause_is_late_and_not_lost(self):
        agent = self.agent()
        self.wait_messages(agent, "in_time", 3)
        for what in ("produce", "consume", "commit"):
            counts = agent.by(f"plumbline_kafka_canary_{what}_duration_seconds_count", "partition")
            self.assertGreater(counts["0"], 0, what)
        sums = agent.by("plumbline_kafka_canary_consume_duration_seconds_sum", "partition")
        self.assertLess(sums["0"] / agent.by("plumbline_kafka_canary_consume_duration_seconds_count", "partition")["0"], 1)
        # What it says it sent is what lies there.
        sent = len(self.kafka.read(TOPIC))
        wait_until("all of them are counted", lambda: self.messages(agent, "in_time") >= sent)
        self.kafka.process.send_signal(signal.SIGSTOP)
        try:
            wait_until("messages wait", lambda: agent.by(
                "plumbline_kafka_canary_under_way", "partition").get("0", 0) > 0)
            time.sleep(7)  # longer than 5 s, which is late
        finally:
            self.kafka.process.send_signal(signal.SIGCONT)
        self.wait_messages(agent, "late", 1)
        before = self.messages(agent, "in_time")
        self.wait_messages(agent, "in_time", before + 2)
        self.assertEqual(self.messages(agent, "lost"), 0)
        self.assertEqual(agent.by("plumbline_kafka_canary_under_way", "partition")["0"], 0)

    def test_what_was_deleted_before_it_was_read_is_lost_and_rights_are_named(self):
        topic = "canary-of-ann"
        self.kafka.create_topic(topic)
        agent = self.as_ann(topic)
        # Producing or reading, whichever is refused last.
        wait_until("WRITE is asked for", lambda: f"WRITE on topic {topic}" in agent.coverage().get("reason", ""))
        self.acl("--add", "Write", "--topic", topic)
        self.acl("--add", "Read", "--topic", topic)
        wait_until("READ on the group is asked for",
                   lambda: f"needs READ on group {topic}" in agent.coverage().get("reason", ""))
        self.acl("--add", "Read", "--group", topic)
        self.wait_messages(agent, "in_time", 2)
        wait_until("nothing is missing", lambda: topic not in agent.coverage().get("reason", ""))
        # It writes, but may not read for a while; meanwhile a part of it is deleted.
        self.acl("--remove", "Read", "--topic", topic)
        wait_until("messages wait", lambda: agent.by("plumbline_kafka_canary_under_way", "partition")["0"] >= 3)
        self.assertEqual(self.messages(agent, "lost"), 0)
        end = self.kafka.read(topic)[-1].offset
        order = self.kafka.path / "delete.json"
        order.write_text(json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": end}]}))
        self.kafka.tool("delete-records", "--offset-json-file", order)
        self.acl("--add", "Read", "--topic", topic)
        self.wait_messages(agent, "lost", 2)


if __name__ == "__main__":
    unittest.main()
