# SPDX-License-Identifier: Apache-2.0
"""Lag of a scripted cluster: all numbers must be those of kafka-consumer-groups and GetOffsetShell.
Then what these tools do not tell: seconds, loss, rewinds, open transactions."""

import json
import shutil
import subprocess
import time
import unittest

from kafka_server import JAVA, Kafka
from kafka_wire import Client
from lag_agent import LagAgent, described, listed
from servers import wait_until

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
SHARE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


def java(kafka, *words):
    """A client that goes on until it is ended."""
    return subprocess.Popen([*JAVA, "-Xmx128m", *map(str, words)], env=kafka.environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process):
    process.kill()
    process.wait()


def read_as(kafka, group, topic, count):
    """The group reads `count` records and commits."""
    kafka.kcat("-G", group, "-c", count, "-X", "auto.offset.reset=earliest", topic)


class Cluster:
    """The cases of both versions; `version` and what differs stand in the classes below."""

    # So that what a broker does now and then is done while somebody waits for it.
    properties = {"log.retention.check.interval.ms": 500, "log.initial.task.delay.ms": 500,
                  "log.cleaner.backoff.ms": 200}
    consumer_options = ()

    @classmethod
    def setUpClass(cls):
        cls.kafka = kafka = cls.enterClassContext(Kafka(cls.version, properties=cls.properties))
        for topic, partitions in (("orders", 3), ("again", 1), ("deleted", 1), ("expiring", 1), ("idle", 2),
                                  ("open", 1), ("paid", 1)):
            kafka.create_topic(topic, partitions)
        kafka.create_topic("compacted", **{"cleanup.policy": "compact", "segment.ms": 100,
                                           "min.cleanable.dirty.ratio": 0.01})
        kafka.produce("orders", range(1000))
        kafka.produce("compacted", [f"{i % 7}:{i}" for i in range(200)], "-K:")
        kafka.produce("deleted", range(100))
        kafka.produce("expiring", range(30))
        kafka.produce("open", range(5))
        kafka.produce("again", range(50))
        kafka.create_topic("orders.dlq")
        kafka.produce("orders.dlq", range(9))
        read_as(kafka, "behind", "orders", 400)
        read_as(kafka, "on-compacted", "compacted", 20)
        read_as(kafka, "on-deleted", "deleted", 10)
        read_as(kafka, "on-expiring", "expiring", 10)
        read_as(kafka, "on-open", "open", 5)
        read_as(kafka, "on-again", "again", 30)
        # A committed transaction ends in a marker that nobody can read.
        kafka.tool("producer-perf", "--topic", "paid", "--num-records", 40, "--record-size", 10, "--throughput", -1,
                   "--transactional-id", "t", "--transaction-duration-ms", 60000, *kafka_address(kafka))
        read_as(kafka, "on-paid", "paid", 40)
        kafka.produce("compacted", ["0:last"], "-K:")  # begins another segment: the one before can be compacted
        cls.live = java(kafka, CONSUMER, "--bootstrap-server", kafka.address(), "--topic", "orders", "--group",
                        "live", "--from-beginning", *cls.consumer_options)
        cls.addClassCleanup(end, cls.live)
        cls.agent = cls.enterClassContext(LagAgent(brokers=[kafka.address()], aliases=[
            "klag", "kminion", "kafka_exporter"])).wait_up()
        wait_until("the live group has read everything",
                   lambda: sum(value[2] or 0 for key, value in described(kafka).items() if key[0] == "live") == 0
                   and len([key for key in described(kafka) if key[0] == "live"]) == 3)

    def agreed(self, name, wanted, seen=None):
        """Waits until what the agent says under `name` equals `wanted()`, and shows both when never."""
        last = {}

        def equal():
            last["agent"], last["tool"] = (seen or self.agent.lag)(name), wanted()
            return last["agent"] == last["tool"]
        try:
            wait_until(name, equal, 20)
        except AssertionError:
            self.assertEqual(last["agent"], last["tool"])

    def test_all_numbers_are_those_of_kafkas_own_tools(self):
        rows = described(self.kafka)
        self.assertGreaterEqual(len(rows), 7)
        known = {key: value for key, value in rows.items() if value[0] is not None}
        self.agreed("kafka_consumer_group_lag", lambda: {key: value[2] for key, value in known.items()})
        self.agreed("kafka_consumer_group_offset", lambda: {key: value[0] for key, value in known.items()})
        for name, end_of_log in (("current", -1), ("oldest", -2)):
            told = listed(self.kafka, end_of_log)
            self.agreed(f"kafka_partition_{name}_offset", lambda told=told: told, seen=lambda name: {
                (topic, int(number)): value
                for (topic, number), value in self.agent.by(name, "topic", "partition").items()})

    def test_sums_are_those_of_their_parts(self):
        rows = described(self.kafka)
        lags = self.agent.by("plumbline_kafka_consumer_group_backlog", "group")
        for group in ("behind", "on-compacted", "on-paid"):
            self.assertEqual(lags[group], sum(value[2] or 0 for key, value in rows.items() if key[0] == group))
        self.assertEqual(self.agent.by("plumbline_kafka_consumer_group_lag_skew_ratio", "group")["behind"], 1)

    def test_other_exporters_names_say_the_same(self):
        page = self.agent.get("/metrics")
        lag = self.agent.by("kafka_consumer_group_lag", "group", "topic", "partition", page=page)
        self.assertGreaterEqual(len(lag), 7)
        klag = self.agent.by("kafka_consumergroup_group_lag", "group", "topic", "partition", page=page)
        kminion = self.agent.by("kminion_kafka_consumer_group_topic_partition_lag", "group_id", "topic_name",
                                "partition_id", page=page)
        exporter = self.agent.by("kafka_consumergroup_lag", "consumergroup", "topic", "partition", page=page)
        for alias in (klag, kminion, exporter):
            self.assertEqual(alias, lag)

    def test_states_and_members(self):
        def told(name):
            found = self.agent.by(name, "group")
            return found.get("live"), found.get("behind")
        # A live one may be joining anew when the machine was busy.
        wait_until("stable and empty", lambda: told("plumbline_kafka_consumer_group_state") == (3, 5))
        wait_until("one member and none", lambda: told("kafka_consumer_group_members") == (1, 0))
        kinds = {group for group, kind in self.agent.by("plumbline_kafka_consumer_group_state", "group",
                                                       "plumbline_kafka_group_type") if kind == self.live_kind}
        self.assertIn("live", kinds)

    def test_lag_in_seconds_is_within_its_bounds_and_right(self):
        oldest = {}
        for message in self.kafka.read("orders"):
            oldest.setdefault((message.partition, message.offset), message.time)
        committed = {key[2]: value[0] for key, value in described(self.kafka).items()
                     if key[0] == "behind" and value[2]}

        def of_behind(name, *labels, page):
            found = self.agent.by(name, "group", "partition", *labels, page=page)
            return {key[1:]: value for key, value in found.items() if key[0] == "behind"}

        def is_right():
            page, now = self.agent.get("/metrics"), time.time()
            values = of_behind("plumbline_kafka_consumer_group_lag_duration_seconds", page=page)
            bounds = of_behind("plumbline_kafka_consumer_group_lag_duration_bound_seconds", "plumbline_bound", page=page)
            for partition, offset in committed.items():
                truth = now - oldest[partition, offset] / 1000
                value = values.get((str(partition),), 0)
                # Of a look of up to 2 s ago; a busy machine has older ones now and then.
                if not truth - 2.5 <= value <= truth + 0.1:
                    return False
                # Of the same look: nothing lies outside its bounds.
                self.assertLessEqual(bounds[str(partition), "lower"], value)
                self.assertGreaterEqual(bounds[str(partition), "upper"], value)
                self.assertLessEqual(bounds[str(partition), "lower"], truth + 0.1)
                if bounds[str(partition), "upper"] < truth - 2.5:
                    return False
            return True
        wait_until("lag in seconds, and between its bounds", is_right)

    def test_records_deleted_before_they_were_read_are_counted_and_named(self):
        self.assertEqual(self.lost(), 0)
        self.delete_records("deleted", 0, 60)
        wait_until("the loss is counted", lambda: self.lost() == 50)
        self.assertIn("group on-deleted lost offsets 10 to 59 of deleted partition 0", self.agent.log())
        self.delete_records("deleted", 0, 70)
        wait_until("the second loss is counted", lambda: self.lost() == 60)

    def test_records_that_expired_before_they_were_read_are_counted(self):
        self.assertEqual(self.lost("expiring"), 0)
        self.kafka.tool("configs", "--alter", "--entity-type", "topics", "--entity-name", "expiring", "--add-config",
                        "retention.ms=1")
        wait_until("the loss is counted", lambda: self.lost("expiring") == 20)
        starts = self.agent.by("kafka_partition_oldest_offset", "topic", "partition")
        self.assertEqual(starts["expiring", "0"], listed(self.kafka, -2)["expiring", 0])

    def test_compaction_takes_records_and_is_no_loss(self):
        wait_until("records are compacted", lambda: len(self.kafka.read("compacted")) < 200)
        self.agreed("kafka_consumer_group_lag", lambda: {
            key: value[2] for key, value in described(self.kafka).items() if value[0] is not None})
        self.assertEqual(self.lost("compacted"), 0)

    def test_a_rewind_is_an_event_and_no_negative_number(self):
        self.kafka.tool("groups", "--group", "on-compacted", "--topic", "compacted", "--reset-offsets", "--to-offset",
                        5, "--execute")
        wait_until("the rewind", lambda: self.agent.by("plumbline_kafka_consumer_group_rewinds_total", "group",
                                                       "topic").get(("on-compacted", "compacted")) == 1)
        self.assertIn("group on-compacted went back on compacted partition 0 from offset 20", self.agent.log())

    def test_the_end_of_a_transaction_is_no_lag_of_those_who_read_committed_records(self):
        self.assertEqual(len(self.kafka.read("paid")), 40)

        def stands(group, offset):
            self.kafka.tool("groups", "--group", group, "--topic", "paid", "--reset-offsets", "--to-offset", offset,
                            "--execute")
        # Where a consumer stands that was given the last record; one that asks again goes over the marker.
        stands("on-paid", 40)
        key = ("on-paid", "paid", 0)
        wait_until("the marker is known", lambda: self.agent.lag(
            "plumbline_kafka_consumer_group_lag_markers").get(key) == 1)
        self.assertEqual(self.agent.lag()[key], 1)  # as Kafka's tools count
        wait_until("nothing can be read", lambda: self.agent.lag(
            "plumbline_kafka_consumer_group_lag_stable")[key] == 0)
        seconds = self.agent.by("plumbline_kafka_consumer_group_lag_duration_seconds", "group", "topic", "partition")
        self.assertEqual(seconds["on-paid", "paid", "0"], 0)
        # One that has not read the last record is behind by record and marker.
        stands("not-yet-paid", 39)
        behind = ("not-yet-paid", "paid", 0)
        wait_until("it is behind", lambda: self.agent.lag(
            "plumbline_kafka_consumer_group_lag_stable").get(behind) == 2)
        self.assertNotIn(behind, self.agent.lag("plumbline_kafka_consumer_group_lag_markers"))

    def test_a_topic_made_again_is_another_one(self):
        self.kafka.tool("topics", "--delete", "--topic", "again")
        wait_until("it is gone", lambda: "again" not in self.agent.by("kafka_topic_partitions", "topic"))
        self.kafka.create_topic("again")
        self.kafka.produce("again", range(3))
        wait_until("it is seen again",
                   lambda: self.agent.by("plumbline_kafka_topics_recreated_total", "kafka_cluster_alias")["main"] == 1)
        self.agreed("kafka_consumer_group_lag", lambda: {
            key: value[2] for key, value in described(self.kafka).items() if value[0] is not None})

    def test_an_open_transaction_is_not_the_groups_lag(self):
        writer = java(self.kafka, PERFORMANCE, "--topic", "open", "--num-records", 1000, "--record-size", 10,
                      "--throughput", 10, "--transactional-id", "hanging", "--transaction-duration-ms", 600000,
                      *kafka_address(self.kafka))
        self.addCleanup(end, writer)
        key = ("on-open", "open", 0)
        wait_until("the transaction has records", lambda: self.agent.lag().get(key, 0) > 3)
        self.assertEqual(self.agent.lag("plumbline_kafka_consumer_group_lag_stable")[key], 0)
        wait_until("it is named", lambda: ("open", "0", "hanging") in self.agent.by(
            "plumbline_kafka_transaction_open_duration_seconds", "topic", "partition", "plumbline_kafka_transactional_id"))
        told = next(line.split() for line in self.kafka.tool("transactions", "list").splitlines()
                    if line.startswith("hanging"))
        self.assertEqual([str(producer) for producer in self.agent.by(
            "plumbline_kafka_transaction_open_duration_seconds", "plumbline_kafka_producer_id")], [told[2]])

    def test_dead_letters(self):
        wait_until("they are counted", lambda: self.agent.by("plumbline_kafka_dead_letter_depth", "topic")
                   == {"orders.dlq": 9})
        written = self.kafka.read("orders.dlq")[0].time / 1000
        wait_until("its oldest is as old as it is, a look ago", lambda: abs(
            self.agent.by("plumbline_kafka_dead_letter_age_seconds", "topic")["orders.dlq"] - time.time() + written) < 3)

    def test_health(self):
        health = {name: self.agent.by(f"plumbline_kafka_partitions_{name}", "kafka_cluster_alias")["main"]
                  for name in ("under_replicated", "under_min_isr", "offline", "reassigning", "not_preferred_leader")}
        self.assertEqual(set(health.values()), {0}, health)
        log_dir = str(self.kafka.path / "data")
        self.assertIn(log_dir, self.agent.by("plumbline_kafka_broker_log_size_bytes", "plumbline_kafka_log_dir"))
        free = self.agent.by("plumbline_kafka_broker_disk_free_bytes", "plumbline_kafka_log_dir")[log_dir]
        disk = shutil.disk_usage(log_dir)  # others write there too
        self.assertAlmostEqual(free / disk.total, disk.free / disk.total, delta=0.1)
        # Records of `behind` are kept for a week, Kafka's default.
        week = 7 * 24 * 3600
        self.assertAlmostEqual(self.agent.by("plumbline_kafka_consumer_group_loss_in_seconds", "group")["behind"],
                               week, delta=600)

    def lost(self, topic="deleted"):
        return self.agent.by("plumbline_kafka_consumer_group_records_lost_total", "group",
                             "topic").get((f"on-{topic}", topic))

    def delete_records(self, topic, partition, offset):
        order = self.kafka.path / "delete.json"
        order.write_text(json.dumps({"version": 1, "partitions": [
            {"topic": topic, "partition": partition, "offset": offset}]}))
        self.kafka.tool("delete-records", "--offset-json-file", order)


def kafka_address(kafka):
    """producer-perf takes the address in its own way, which changed with 4.0."""
    option = "--producer-props" if kafka.tools is not None and kafka_is_old(kafka) else "--command-property"
    return option, f"bootstrap.servers={kafka.address()}"


def kafka_is_old(kafka):
    return "kafka.admin.AclCommand" in kafka.tools.values()


class Newest(Cluster, unittest.TestCase):
    version = "4.3.1"
    live_kind = "consumer"
    consumer_options = ("--command-property", "group.protocol=consumer")

    def test_share_groups(self):
        self.kafka.create_topic("shared")
        consumer = java(self.kafka, SHARE_CONSUMER, "--bootstrap-server", self.kafka.address(), "--topic", "shared",
                        "--group", "sharers")
        self.addCleanup(end, consumer)
        wait_until("the share group", lambda: self.agent.by("kafka_consumer_group_members", "group").get("sharers") == 1)
        # It begins at the end of the log, wherever that is when it asks for the first time.

        def begun():
            self.kafka.produce("shared", range(10))
            return ("sharers", "shared", 0) in self.agent.lag()
        wait_until("its start is known", begun)

        def told():
            said = self.kafka.tool("share-groups", "--describe", "--offsets", "--group", "sharers")
            row = next(line.split() for line in said.splitlines() if line.startswith("sharers"))
            return int(row[3]), int(row[4])

        def seen():
            key = "sharers", "shared", 0
            return self.agent.lag("kafka_consumer_group_offset")[key], self.agent.lag()[key]
        wait_until("start and lag are the tool's", lambda: seen() == told())
        end(consumer)
        self.kafka.produce("shared", range(10))
        wait_until("and so when it lags", lambda: seen()[1] >= 10 and seen() == told())

    def test_streams_groups(self):
        self.kafka.create_topic("streamed", 2)
        self.kafka.produce("streamed", range(30), "-p", 0)
        with Client(self.kafka.address()) as client:
            beats = [client.beat_of_streams("flow", "member-1", 0, "streamed")]

            def assigned():
                beats.append(client.beat_of_streams("flow", "member-1", beats[-1], "streamed"))
                return beats[-1] > beats[0]
            wait_until("it has its tasks", assigned)
            epoch = beats[-1]
            client.commit_as_member("flow", "member-1", epoch, "streamed", {0: 12, 1: 0})
        wait_until("its lag", lambda: {key[2]: lag for key, lag in self.agent.lag().items() if key[0] == "flow"}
                   == {0: 18, 1: 0})
        said = self.kafka.tool("streams-groups", "--describe", "--group", "flow", "--verbose")
        told = {(words[1], int(words[2])): int(words[-1]) for words in map(str.split, said.splitlines())
                if words[:2] == ["flow", "streamed"]}
        self.assertEqual(told, {("streamed", 0): 18, ("streamed", 1): 0}, said)
        self.assertEqual(self.agent.by("kafka_consumer_group_members", "group")["flow"], 1)
        self.assertIn(("flow", "streams"), self.agent.by("plumbline_kafka_consumer_group_state", "group",
                                                         "plumbline_kafka_group_type"))


class Old(Cluster, unittest.TestCase):
    version = "3.9.2"
    live_kind = "classic"


if __name__ == "__main__":
    unittest.main()
