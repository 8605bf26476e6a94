# SPDX-License-Identifier: Apache-2.0
"""Queries as spans, and failures as log events, of real engines into a real Collector, by every way
there is: clients send a traceparent, and the Collector has spans with that parent. A message that a
Kafka table cannot read is on a real broker."""

import secrets
import unittest

import otlp_json
from clickhouse_server import OTHERS, NewClickHouse, OldClickHouse, QueryError
from kafka_server import Kafka
from servers import Agent, Collector, wait_until

OTLP = ("grpc", "http")
KAFKA = ("otlp_proto", "otlp_json")
SERVER, ERROR = 2, 2  # SPAN_KIND_SERVER, STATUS_CODE_ERROR


class Caller:
    """A client's span."""

    def __init__(self, sampled=True):
        self.trace, self.span = secrets.token_hex(16), secrets.token_hex(8)
        self.traceparent = f"00-{self.trace}-{self.span}-0{int(sampled)}"
        self.comment = f"/*traceparent='{self.traceparent}'*/"

    @property
    def uuid(self):
        text = self.trace
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Traces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        enter = cls.enterClassContext
        cls.kafka = enter(Kafka())
        receivers = {encoding: {"brokers": [cls.kafka.address()], "group_id": encoding, "initial_offset": "earliest",
                                "traces": {"topics": [encoding], "encoding": encoding}} for encoding in KAFKA}
        for encoding in KAFKA:
            cls.kafka.create_topic(encoding)
        cls.collector = enter(Collector(OTLP, kafka=receivers, signals=("traces", "logs")))
        cls.old, cls.new = enter(OldClickHouse()), enter(NewClickHouse())
        cls.engines = (cls.old, cls.new)
        for engine in cls.engines:
            engine.query("CREATE TABLE default.people (name String, a UInt64) ENGINE = MergeTree ORDER BY a")
            engine.query("INSERT INTO default.people VALUES ('Jane Doe', 1)")
            wait_until("the logs are written", lambda: cls.has_log(engine))
        only = {"signals": ["traces", "logs"]}
        cls.agent = enter(Agent({
            "clickhouse": [{"url": engine.url, "trace_one_in": 1} for engine in cls.engines],
            "collectors": {name: {"enabled": False} for name in OTHERS},
            "otlp": [{"endpoint": cls.collector.endpoint(name, name), "filter": only} for name in OTLP],
            "kafka": [{"brokers": [cls.kafka.address()], "name": encoding, "encoding": encoding, "filter": {"signals": ["traces"]},
                       "topics": {"traces": encoding}} for encoding in KAFKA]}))
        cls.agent.wait_collecting()
        cls.ask()

    @classmethod
    def has_log(cls, engine):
        engine.query("SYSTEM FLUSH LOGS")
        return engine.query("SELECT count() FROM system.tables WHERE database = 'system' AND name = 'query_log'").strip() == "1"

    @classmethod
    def ask(cls):
        """What clients do, each with a trace of its own."""
        cls.by_id, cls.by_text, cls.by_comment, cls.failed, cls.slow, cls.unsampled, cls.tree = (
            {engine: Caller() for engine in cls.engines} for _ in range(7))
        cls.unsampled = {engine: Caller(sampled=False) for engine in cls.engines}
        for engine in cls.engines:
            engine.query("SELECT name FROM default.people WHERE name = 'Jane Doe' AND a = 4111222333",
                         **cls.identified(engine, cls.by_id[engine]))
            engine.query(f"SELECT {cls.by_text[engine].comment} count() FROM default.people WHERE name = 'Jane Doe'")
            engine.query(f"SELECT {cls.unsampled[engine].comment} count() FROM default.people")
            engine.query(f"SELECT {cls.slow[engine].comment} sleep(1.2)")
            for _ in range(3):
                try:
                    engine.query(f"SELECT {cls.failed[engine].comment} toUInt64(name) FROM default.people WHERE name = 'Jane Doe'")
                except QueryError as error:
                    assert "Jane" in str(error), error
        caller = cls.by_comment[cls.new]
        cls.new.query("SELECT 1", log_comment=caller.traceparent)
        cls.write_tree(cls.tree[cls.new])

    @classmethod
    def identified(cls, engine, caller):
        """chdb takes no query_id; there the caller is in the comment."""
        return {"query_id": caller.traceparent} if engine is cls.old else {"log_comment": f'{{"traceparent": "{caller.traceparent}"}}'}

    @classmethod
    def write_tree(cls, caller):
        """The rows a server writes when a client sends a traceparent by HTTP; chdb has no server to do it."""
        cls.new.query("SYSTEM FLUSH LOGS")
        root, child = int(secrets.token_hex(8), 16), int(secrets.token_hex(8), 16)
        cls.tree_ids = (f"{root:016x}", f"{child:016x}")
        for span, parent, name, kind, text in (
                (child, root, "query", "INTERNAL", "'db.statement', 'SELECT \\'Jane Doe\\'', 'clickhouse.exception_code', '0'"),
                (root, int(caller.span, 16), "HTTPHandler", "SERVER", "'clickhouse.uri', '/?query=Jane'")):
            cls.new.query("INSERT INTO system.opentelemetry_span_log (trace_id, span_id, parent_span_id, operation_name, kind, "
                          f"start_time_us, finish_time_us, finish_date, attribute) SELECT '{caller.uuid}', {span}, {parent}, "
                          f"'{name}', '{kind}', toUnixTimestamp64Micro(now64(6)) - 2000, toUnixTimestamp64Micro(now64(6)), today(), map({text})")

    def spans(self, way, trace):
        return [(whose, span) for whose, span in otlp_json.spans(self.collector.requests(way)) if span["traceId"] == trace]

    def one(self, caller, way="grpc"):
        """The span of the query that `caller` sent: resource, span, attributes."""
        whose, span = self.collector.wait_ready(lambda: self.spans(way, caller.trace))[0]
        self.assertEqual(span["parentSpanId"], caller.span)
        return whose, span, otlp_json.attributes(span["attributes"])

    def test_a_query_is_the_child_of_the_client_who_says_so(self):
        for callers in (self.by_id, self.by_text):
            for engine in self.engines:
                with self.subTest(engine.name):
                    whose, span, attributes = self.one(callers[engine])
                    self.assertEqual(span["kind"], SERVER)
                    self.assertNotIn("code", span.get("status", {}))
                    self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
                    self.assertEqual((whose["service.name"], whose["service.instance.id"]), ("clickhouse", f"127.0.0.1:{engine.port}"))
                    self.assertNotIn("host.name", whose)
                    self.assertEqual((attributes["db.system.name"], attributes["db.operation.name"]), ("clickhouse", "SELECT"))
                    self.assertRegex(attributes["db.query.text"], r"^SELECT .*FROM default.people WHERE name = \?")
        self.one(self.by_comment[self.new])

    def test_every_way_brings_the_same_span(self):
        caller = self.by_text[self.old]
        _, span, _ = self.one(caller)
        for way in (*OTLP, *KAFKA):
            with self.subTest(way):
                self.assertEqual(self.one(caller, way)[1], span)

    def test_each_query_is_one_span(self):
        for engine in self.engines:
            _, span, _ = self.one(self.by_id[engine])
            same = [found for _, found in self.spans("grpc", self.by_id[engine].trace)]
            self.assertEqual(same, [span])

    def test_a_failed_query_is_told_with_its_code_and_without_its_data(self):
        for engine in self.engines:
            with self.subTest(engine.name):
                _, span, attributes = self.one(self.failed[engine])
                self.assertEqual(span["status"]["code"], ERROR)
                self.assertRegex(span["status"]["message"], r"Cannot parse string \?")
                self.assertEqual(attributes["error.type"], "6" if engine is self.new else attributes["error.type"])
                self.assertEqual(len({found["spanId"] for _, found in self.spans("grpc", self.failed[engine].trace)}),
                                 len(self.spans("grpc", self.failed[engine].trace)))

    def test_a_slow_query_is_told_whoever_asks_and_what_nobody_records_is_not(self):
        for engine in self.engines:
            _, span, _ = self.one(self.slow[engine])
            self.assertGreaterEqual(int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]), 1_200_000_000)
            self.assertEqual(self.spans("grpc", self.unsampled[engine].trace), [])

    def test_the_servers_own_spans_keep_their_tree(self):
        caller, (root, child) = self.tree[self.new], self.tree_ids
        self.collector.wait_ready(lambda: len(self.spans("grpc", caller.trace)) == 2)
        parents = {span["spanId"]: span["parentSpanId"] for _, span in self.spans("grpc", caller.trace)}
        self.assertEqual(parents, {root: caller.span, child: root})
        texts = [otlp_json.attributes(span["attributes"]).get("db.query.text") for _, span in self.spans("grpc", caller.trace)]
        self.assertIn("SELECT ?", texts)

    def test_failures_are_one_event_each_in_the_trace_of_one_of_them(self):
        for engine in self.engines:
            trace = self.failed[engine].trace
            def events():
                return [(whose, event) for whose, event in otlp_json.logs(self.collector.requests("grpc"))
                        if event.get("traceId") == trace]
            whose, event = self.collector.wait_ready(events)[0]
            self.assertEqual(len(events()), 1, "one for the three of them, until the window ends")
            attributes = otlp_json.attributes(event["attributes"])
            self.assertEqual(event["eventName"], "plumbline.clickhouse.query.failure")
            self.assertRegex(event["body"]["stringValue"], r"Cannot parse string \?")
            self.assertEqual(whose["service.name"], "clickhouse")
            self.assertRegex(attributes["plumbline.event.fingerprint"], "^[0-9a-f]{16}$")
            self.assertIn(event["spanId"], {span["spanId"] for _, span in self.spans("grpc", trace)})

    def test_a_message_that_cannot_be_read_is_told_and_others_are_not(self):
        for topic, line in (("poisoned", '{"a": "Jane Doe 4111222333"}'), ("sound", '{"a": 1}')):
            self.kafka.create_topic(topic)
            self.kafka.produce(topic, [line])
            try:
                self.new.query(f"CREATE TABLE default.{topic} (a UInt64) ENGINE = Kafka SETTINGS kafka_broker_list = "
                               f"'{self.kafka.address()}', kafka_topic_list = '{topic}', kafka_group_name = '{topic}', "
                               "kafka_format = 'JSONEachRow'")
            except QueryError as error:
                self.assertIn("Shutdown was called", str(error))  # of chdb; the table is there and reads
            self.new.query(f"CREATE MATERIALIZED VIEW default.{topic}_rows ENGINE = MergeTree ORDER BY a AS SELECT a FROM default.{topic}")
        def told():
            return [event for _, event in otlp_json.logs(self.collector.requests("grpc"))
                    if otlp_json.attributes(event["attributes"]).get("plumbline.clickhouse.check.name") == "kafka_consumers"]
        tables = {otlp_json.attributes(event["attributes"])["db.collection.name"] for event in self.collector.wait_ready(told)}
        self.collector.wait_ready(lambda: self.new.query("SELECT count() FROM default.sound_rows").strip() == "1")
        self.assertEqual(tables, {"poisoned"})

    def test_z_nothing_of_the_data_is_anywhere(self):
        for way in (*OTLP, *KAFKA):
            text = (self.collector.path / f"{way}.jsonl").read_text()
            self.assertGreater(len(text), 0)
            self.assertNotIn("Jane", text)
            self.assertNotIn("4111222333", text)

    def test_z_everything_taken_is_accounted_for(self):
        status = self.agent.get_json("/api/v1/status")
        for destination in status["destinations"]:
            ledger = destination["ledger"]["traces"]
            self.assertGreater(ledger["delivered"], 0)
            self.assertEqual((ledger["rejected"], ledger["dropped"]), (0, 0), destination)


if __name__ == "__main__":
    unittest.main()
