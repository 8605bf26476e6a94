# SPDX-License-Identifier: Apache-2.0
"""The whole agent into a real Kafka, read back by the Collector's Kafka receiver and from the topic
itself."""

import json
import signal
import unittest

import otlp_json
from kafka_server import Kafka
from servers import Agent, Collector

WAYS = ("proto-none", "proto-gzip", "proto-snappy", "proto-lz4", "proto-zstd", "json-zstd")
REFERENCE = "reference"
NOTHING_YET = {"delivered": 0, "rejected": 0, "dropped": 0, "queued": 1}


def points(requests):
    """Every point of `requests` by what tells it from all others."""
    return {(point["timeUnixNano"], repr(otlp_json.series(metric, point))): point
            for metric in otlp_json.metrics(requests) for point in otlp_json.points(metric)}


def instants(requests, name="system.uptime"):
    """When the agent exported, in the order of arrival: the times of a metric with one series."""
    return [int(point["timeUnixNano"]) for metric in otlp_json.metrics(requests) if metric["name"] == name
            for point in otlp_json.points(metric)]


def ledger(agent, name):
    for destination in agent.get_json("/api/v1/status")["destinations"]:
        if destination["name"].startswith(name):
            return {**NOTHING_YET, **destination.get("ledger", {}).get("metrics", {})}
    raise AssertionError(f"no destination {name}")


class Ways(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())
        for way in WAYS:
            cls.kafka.create_topic(way, partitions=3)
        receivers = {way: {"brokers": [cls.kafka.address()], "group_id": way, "initial_offset": "earliest",
                           "metrics": {"topics": [way], "encoding": "otlp_" + way.split("-")[0]}} for way in WAYS}
        collector = cls.enterClassContext(Collector([REFERENCE], kafka=receivers))
        cls.agent = cls.enterClassContext(Agent({
            "otlp": [{"endpoint": collector.endpoint("grpc", REFERENCE)}],
            "kafka": [{"brokers": [cls.kafka.address()], "topics": {"metrics": way},
                       "encoding": "otlp_" + way.split("-")[0], "compression": way.split("-")[1]} for way in WAYS]}))
        cls.agent.wait_collecting()
        cls.received = {name: collector.wait_requests(4, name) for name in (*WAYS, REFERENCE)}

    def test_every_way_brings_what_otlp_brings(self):
        expected = points(self.received[REFERENCE])
        self.assertGreater(len(expected), 1000)
        for way in WAYS:
            with self.subTest(way):
                found = points(self.received[way])
                both = found.keys() & expected.keys()
                self.assertGreater(len(both), len(expected) // 2)
                self.assertEqual([key for key in both if found[key] != expected[key]], [])

    def test_one_nodes_data_lies_in_one_partition_in_order(self):
        for way in WAYS:
            with self.subTest(way):
                messages = self.kafka.read(way)
                self.assertEqual(len({message.partition for message in messages}), 1)
                self.assertEqual({message.key for message in messages}, {self.key()})
        found = instants([json.loads(message.value) for message in self.kafka.read("json-zstd")])
        self.assertEqual(found, sorted(set(found)))

    def key(self):
        resource = self.received[REFERENCE][0]["resourceMetrics"][0]["resource"]
        return otlp_json.attributes(resource["attributes"])["service.instance.id"].encode()

    def test_the_default_topic_and_encoding_are_the_receivers_own(self):
        own = {"brokers": [self.kafka.address()], "group_id": "own", "initial_offset": "earliest"}
        with Collector([], kafka={"own": own}) as collector, Agent({"kafka": [{"brokers": own["brokers"]}]}):
            self.assertGreater(len(points(collector.wait_requests(2, "own"))), 500)

    def test_what_was_sent_is_counted_and_all_are_up(self):
        status = self.agent.get_json("/api/v1/status")
        self.assertEqual({destination["state"] for destination in status["destinations"]}, {"up"})
        for way in WAYS:
            account = ledger(self.agent, f"kafka:{self.kafka.address()}/{way}")
            self.assertGreater(account["delivered"], 0)
            self.assertEqual((account["rejected"], account["dropped"]), (0, 0))


def read_by_receiver(kafka, count):
    """The instants in the topic, as the Collector's Kafka receiver brings them."""
    settings = {"brokers": [kafka.address()], "group_id": "back", "initial_offset": "earliest",
                "metrics": {"topics": ["otlp_metrics"], "encoding": "otlp_json"}}
    with Collector([], kafka={"back": settings}) as collector:
        return collector.wait_ready(lambda: len(found := instants(collector.requests("back"))) >= count and found)


class Outage(unittest.TestCase):
    def test_a_broker_that_was_away_gets_everything_once_and_in_order(self):
        with Kafka() as kafka, Collector([REFERENCE]) as collector:
            kafka.create_topic("otlp_metrics", partitions=3)
            settings = {"otlp": [{"endpoint": collector.endpoint("grpc", REFERENCE)}],
                        "kafka": [{"brokers": [kafka.address()], "encoding": "otlp_json", "timeout": "2s"}]}
            with Agent(settings) as agent:
                agent.wait_collecting()
                for outages, number in enumerate((signal.SIGTERM, signal.SIGKILL), 1):
                    agent.wait_ready(lambda: ledger(agent, "kafka:")["queued"] == 0)
                    kafka.stop(number)
                    # Longer than a message may take: what is under way outlives several tries.
                    collector.wait_requests(len(collector.requests(REFERENCE)) + 6, REFERENCE)
                    agent.wait_ready(lambda: agent.log().count("does not take data") == outages)
                    kafka.begin()
                agent.wait_ready(lambda: ledger(agent, "kafka:")["queued"] == 0)
                log = agent.log()
                agent.stop()
            found = instants([json.loads(message.value) for message in kafka.read("otlp_metrics")])
            # The Collector writes its file a moment after it has answered.
            collector.wait_ready(lambda: len(instants(collector.requests(REFERENCE))) >= len(found))
            expected = instants(collector.requests(REFERENCE))
            self.assertEqual(found, expected)
            self.assertEqual(read_by_receiver(kafka, len(expected)), expected)
            self.assertEqual(log.count("does not take data"), 2, log)
            self.assertIn("Connection refused", log)

    def test_a_broker_that_hangs_gets_everything_once(self):
        """What it has read but not confirmed comes again over a new connection; it knows that."""
        with Kafka() as kafka, Collector([REFERENCE]) as collector:
            kafka.create_topic("otlp_metrics")
            settings = {"otlp": [{"endpoint": collector.endpoint("grpc", REFERENCE)}],
                        "kafka": [{"brokers": [kafka.address()], "encoding": "otlp_json", "timeout": "2s"}]}
            with Agent(settings) as agent:
                agent.wait_collecting()
                collector.wait_requests(3, REFERENCE)
                kafka.process.send_signal(signal.SIGSTOP)
                collector.wait_requests(11, REFERENCE)
                kafka.process.send_signal(signal.SIGCONT)
                agent.wait_ready(lambda: ledger(agent, "kafka:")["queued"] == 0)
                agent.stop()
            found = instants([json.loads(message.value) for message in kafka.read("otlp_metrics")])
            collector.wait_ready(lambda: len(instants(collector.requests(REFERENCE))) >= len(found))
            self.assertEqual(found, instants(collector.requests(REFERENCE)))
            self.assertEqual(read_by_receiver(kafka, len(found)), found)

    def test_an_agent_that_starts_first_waits_for_its_broker(self):
        with Kafka() as kafka:
            kafka.stop()
            with Agent({"kafka": [{"brokers": [kafka.address()]}]}) as agent:
                agent.wait_ready(lambda: "does not take data" in agent.log())
                kafka.begin()
                agent.wait_ready(lambda: ledger(agent, "kafka:")["delivered"] > 0)

    def test_an_agent_ends_without_its_broker(self):
        with Kafka() as kafka:
            kafka.stop()
            with Agent({"kafka": [{"brokers": [kafka.address()]}]}) as agent:
                agent.wait_ready(lambda: "does not take data" in agent.log())
                self.assertEqual(agent.stop(), 0)
                self.assertIn("items wait in the journal for the next start", agent.log())


class Sizes(unittest.TestCase):
    def test_what_the_topic_finds_too_large_comes_in_parts(self):
        with Kafka() as kafka, Collector([REFERENCE]) as collector:
            kafka.create_topic("otlp_metrics", **{"max.message.bytes": 20000})
            destination = {"brokers": [kafka.address()], "encoding": "otlp_json", "compression": "none"}
            with Agent({"otlp": [{"endpoint": collector.endpoint("grpc", REFERENCE)}], "kafka": [destination]}) as agent:
                agent.wait_collecting()
                collector.wait_requests(4, REFERENCE)
                agent.wait_ready(lambda: ledger(agent, "kafka:")["delivered"] > 2000)
                account = ledger(agent, "kafka:")
                agent.stop()
            self.assertEqual((account["rejected"], account["dropped"]), (0, 0))
            messages = [json.loads(message.value) for message in kafka.read("otlp_metrics")]
            self.assertEqual(set(points(messages)), set(points(collector.requests(REFERENCE))))


if __name__ == "__main__":
    unittest.main()
