# SPDX-License-Identifier: Apache-2.0
"""Drills on Kafka and on the agent that looks at it: those that take a minute, and those that take a
broker or the agent away."""

import http.server
import signal
import subprocess
import threading
import unittest

from kafka_server import JAVA, Kafka
from pipelines import BEFORE, Pipelines, pipeline
from servers import wait_until

PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


class Receiver:
    """Takes OTLP over HTTP, and throws it away."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    def __init__(self, port=0):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self.Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Drills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka(properties={"transaction.max.timeout.ms": 3_600_000}))
        cls.receiver = Receiver()
        cls.addClassCleanup(lambda: cls.receiver.end())
        hour = 3600 * 1000
        cls.pipelines = Pipelines(
            cls, cls.kafka,
            [pipeline("stuck"), pipeline("late"), pipeline("whole", completeness=99.9), pipeline("open"),
             {**pipeline("hidden"), "spec": {**pipeline("hidden")["spec"], "source": {
                 "type": "kafka", "cluster": "side", "topic": "hidden", "consumerGroup": "hidden"}}}],
            topics={"late": {"retention.ms": hour + 15_000}},
            otlp=[f"http://127.0.0.1:{cls.receiver.port}"],
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
                 "--command-property", f"bootstrap.servers={self.kafka.address()}",
                 "--command-property", "transaction.timeout.ms=3000000"],
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

    def test_destination_down(self):
        port = self.receiver.port

        def heal():
            type(self).receiver = Receiver(port)
        self.drill("PlumblineDestinationDown", "PlumblineDestinationDown", "plumbline", "the receiver is stopped",
                   promise=45, inject=self.receiver.end, heal=heal)

    def test_agent_down(self):
        self.drill("PlumblineAgentDown", "PlumblineAgentDown", "plumbline", "the agent is stopped",
                   promise=30, inject=lambda: self.agent.process.send_signal(signal.SIGSTOP),
                   heal=lambda: self.agent.process.send_signal(signal.SIGCONT))

    def test_kafka_down(self):
        def inject():
            self.kafka.stop()
        self.drill("KafkaDown", "KafkaDown", "kafka", "the broker is stopped",
                   promise=45, inject=inject, heal=self.kafka.begin)


class Replicas(unittest.TestCase):
    """With a second broker, which is taken away."""

    @classmethod
    def setUpClass(cls):
        cls.first = cls.enterClassContext(Kafka())
        # Topics of groups and of the first pipeline are made while there is one broker.
        cls.first.kcat("-P", "-t", "warm", stdin=b"1\n")
        cls.first.kcat("-G", "warm", "-c", 1, "-X", "auto.offset.reset=earliest", "warm")

    def second_broker(self, name, replicas):
        second = self.enterContext(Kafka(joins=self.first))
        wait_until("two brokers", lambda: b"2 brokers" in self.first.kcat("-L"))
        return second, Pipelines(type(self), self.first, [pipeline(name)], replicas=replicas)

    def test_under_replicated(self):
        second, pipelines = self.second_broker("twofold", 2)
        pipelines.world.drill("PipelineUnderReplicated", "TwofoldUnderReplicated", "twofold", "one of two brokers is stopped",
                              promise=60, inject=second.stop, heal=second.begin)
        self.first.tool("topics", "--delete", "--topic", "twofold")

    def test_offline(self):
        second, pipelines = self.second_broker("seen", 1)
        self.first.tool("topics", "--create", "--topic", "lonely", "--replica-assignment", second.number)
        pipelines.world.drill("KafkaPartitionsOffline", "KafkaPartitionsOffline", "kafka",
                              "the broker with the only replica is stopped",
                              promise=60, inject=second.stop, heal=second.begin)


if __name__ == "__main__":
    unittest.main()
