# SPDX-License-Identifier: Apache-2.0
"""The whole agent into a real OpenTelemetry Collector, whose file output is read back: each protocol
with each compression, all at once from one agent."""

import itertools
import time
import unittest

import otlp_json
from servers import Agent, Collector

WAYS = [f"{protocol}-{compression}" for protocol in ("grpc", "http") for compression in ("none", "gzip", "zstd")]
CUMULATIVE = 2  # AGGREGATION_TEMPORALITY_CUMULATIVE
NO_RECORDED_VALUE = 1  # DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK


class Delivery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        collector = cls.enterClassContext(Collector(WAYS))
        destinations = [{"endpoint": collector.endpoint(way.split("-")[0], way), "compression": way.split("-")[1]}
                        for way in WAYS]
        cls.agent = cls.enterClassContext(Agent({
            "resource": {"deployment.environment.name": "tést"}, "otlp": destinations}))
        cls.agent.wait_collecting()
        cls.received = {way: collector.wait_requests(4, way) for way in WAYS}
        cls.requests = cls.received[WAYS[0]]
        cls.catalogue = {metric["name"]: metric for metric in cls.agent.get_json("/api/v1/catalog")["metrics"]}

    def test_every_way_delivers_the_same(self):
        # The first request may differ by what was ready; the same instant must be the same data.
        def by_time(way):
            return {point["timeUnixNano"] + repr(otlp_json.series(metric, point)): point
                    for metric in otlp_json.metrics(self.received[way]) for point in otlp_json.points(metric)}
        first = by_time(WAYS[0])
        for way in WAYS[1:]:
            with self.subTest(way):
                other = by_time(way)
                both = first.keys() & other.keys()
                self.assertGreater(len(both), len(first) // 2)
                self.assertEqual([key for key in both if first[key] != other[key]], [])

    def test_resource_and_scope_say_who_speaks(self):
        for resource, scope in otlp_json.scopes(self.requests):
            self.assertRegex(resource["schemaUrl"], r"^https://opentelemetry\.io/schemas/1\.\d+\.0$")
            found = otlp_json.attributes(resource["resource"]["attributes"])
            if "k8s.pod.uid" in found or "container.id" in found:
                continue  # of what else runs on this machine
            for key in ("service.name", "service.instance.id", "service.version", "host.name", "os.type"):
                self.assertTrue(found.get(key), f"{key} in {sorted(found)}")
            self.assertEqual(found["deployment.environment.name"], "tést")
            self.assertEqual(scope["scope"]["name"], "plumbline")
            self.assertTrue(scope["scope"]["version"])

    def test_names_units_and_shapes_are_the_catalogues(self):
        seen = {}
        for metric in otlp_json.metrics(self.requests):
            seen[metric["name"]] = metric
        self.assertGreater(len(seen), 100)
        for name, metric in seen.items():
            with self.subTest(name):
                self.assertIn(name, self.catalogue)
                expected = self.catalogue[name]
                self.assertEqual(metric.get("unit", ""), expected["unit"])
                self.assertEqual(metric["description"], expected["description"])
                self.assertEqual(otlp_json.instrument(metric), expected["instrument"])
                allowed = set(expected["attributes"]) | {"otel.metric.overflow"}
                for point in otlp_json.points(metric):
                    self.assertLessEqual(set(otlp_json.attributes(point.get("attributes"))), allowed)

    def test_counters_and_histograms_are_cumulative_since_a_start(self):
        now = time.time_ns()
        for metric in otlp_json.metrics(self.requests):
            kind = otlp_json.kind_of(metric)
            if kind != "gauge":
                self.assertEqual(metric[kind]["aggregationTemporality"], CUMULATIVE, metric["name"])
            for point in otlp_json.points(metric):
                moment = int(point["timeUnixNano"])
                self.assertLess(abs(now - moment), 300e9, metric["name"])
                if kind == "gauge":
                    self.assertNotIn("startTimeUnixNano", point, metric["name"])
                elif otlp_json.instrument(metric) != "updowncounter":
                    start = int(point["startTimeUnixNano"])
                    self.assertTrue(0 < start <= moment, (metric["name"], start, moment))

    def test_no_series_comes_twice_in_a_request_and_none_goes_back(self):
        latest = {}
        for request in self.requests:
            keys = [otlp_json.series(metric, point) for metric in otlp_json.metrics([request])
                    for point in otlp_json.points(metric)]
            # Requests that waited may be merged: then a series comes once for each instant.
            moments = {point["timeUnixNano"] for metric in otlp_json.metrics([request])
                       for point in otlp_json.points(metric)}
            if len(moments) == 1:
                self.assertEqual(len(keys), len(set(keys)))
            for metric in otlp_json.metrics([request]):
                kind = otlp_json.kind_of(metric)
                if otlp_json.instrument(metric) not in ("counter", "histogram"):
                    continue
                for point in otlp_json.points(metric):
                    if point.get("flags", 0) & NO_RECORDED_VALUE:
                        continue
                    value = (int(point.get("count", 0)) if kind == "exponentialHistogram"
                             else int(point["asInt"]) if "asInt" in point else point.get("asDouble", 0))
                    key = otlp_json.series(metric, point)
                    start, moment, before = latest.get(key, (None, 0, 0))
                    self.assertGreaterEqual(int(point["timeUnixNano"]), moment, key)
                    if point["startTimeUnixNano"] == start:
                        self.assertGreaterEqual(value, before, key)
                    latest[key] = (point["startTimeUnixNano"], int(point["timeUnixNano"]), value)

    def test_exponential_histograms_add_up(self):
        histograms = [(metric["name"], point) for metric in otlp_json.metrics(self.requests)
                      if "exponentialHistogram" in metric for point in otlp_json.points(metric)]
        self.assertGreater(len(histograms), 0)
        filled = 0
        for name, point in histograms:
            with self.subTest(name):
                if point.get("flags", 0) & NO_RECORDED_VALUE:
                    continue
                self.assertEqual(point["scale"], 3)
                self.assertFalse(point.get("negative", {}).get("bucketCounts"))
                counts = [int(count) for count in point.get("positive", {}).get("bucketCounts", [])]
                self.assertEqual(int(point.get("zeroCount", 0)) + sum(counts), int(point.get("count", 0)))
                if counts:
                    filled += 1
                    self.assertTrue(counts[0] and counts[-1], "empty buckets at an end")
                    # The sum lies between what the bounds of the buckets allow.
                    offset = point["positive"].get("offset", 0)
                    lower = sum(count * 2 ** ((offset + i) / 8) for i, count in enumerate(counts))
                    self.assertGreaterEqual(point["sum"], lower * 0.999)
                    slack = int(point.get("zeroCount", 0)) * point.get("zeroThreshold", 0)
                    self.assertLessEqual(point["sum"], (lower * 2 ** (1 / 8) + slack) * 1.001)
        self.assertGreater(filled, 0)

    def test_the_kernels_own_signals_arrive(self):
        for name in ("system.cpu.time", "system.memory.usage", "system.network.io", "system.uptime"):
            metric = next((m for m in otlp_json.metrics(self.requests) if m["name"] == name), None)
            self.assertIsNotNone(metric, name)
            self.assertTrue(any(float(point.get("asInt", point.get("asDouble", 0))) > 0
                                for point in otlp_json.points(metric)), name)

    def test_all_destinations_are_up(self):
        status = self.agent.get_json("/api/v1/status")
        self.assertEqual([destination["state"] for destination in status["destinations"]], ["up"] * len(WAYS))
        for destination, (kind, ledger) in itertools.product(status["destinations"], [("metrics", None)]):
            ledger = destination["ledger"][kind]
            self.assertEqual(ledger["collected"],
                             ledger["delivered"] + ledger["rejected"] + ledger["dropped"] + ledger["queued"])
            self.assertEqual((ledger["rejected"], ledger["dropped"]), (0, 0))


class Limits(unittest.TestCase):
    """What a receiver refuses for its size comes again in halves, and all of it arrives. The
    Collector refuses an HTTP body over max_request_body_size with 400 and a gRPC message over
    max_recv_msg_size_mib with RESOURCE_EXHAUSTED."""

    def assert_all_arrives(self, receiver, destination):
        with Collector(receiver=receiver) as collector:
            settings = {"endpoint": collector.endpoint(destination.pop("protocol")), **destination}
            with Agent({"otlp": [settings]}) as agent:
                agent.wait_collecting()
                collector.wait_requests(6)
                ledger = agent.wait_ready(lambda: self.ledger(agent))
                self.assertEqual((ledger["rejected"], ledger["dropped"]), (0, 0))

    def ledger(self, agent):
        ledger = agent.get_json("/api/v1/status")["destinations"][0]["ledger"]["metrics"]
        return ledger if ledger["delivered"] > 0 else None

    def test_http_bodies_over_the_receivers_limit(self):
        self.assert_all_arrives({"http": {"max_request_body_size": 20000}},
                                {"protocol": "http", "compression": "none"})

    def test_max_request_keeps_below_the_receivers_limit(self):
        self.assert_all_arrives({"http": {"max_request_body_size": 17000}},
                                {"protocol": "http", "compression": "none", "max_request": "16KiB"})


if __name__ == "__main__":
    unittest.main()
