# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka (KRaft) on free ports of the loopback, and its own tools.

    with Kafka() as kafka:                             # 4.3.1; about 4 s and 200 MB each
        kafka.create_topic("orders", partitions=3, **{"retention.ms": 1000})
        kafka.produce("orders", ["a", "b"])            # one message a line, by kcat
        kafka.read("orders")                           # [Message(partition, offset, key, value, time)]
        kafka.tool("groups", "--describe", "--all-groups")   # what the Java tool prints
        kafka.address()                                # host:port for clients
        kafka.stop(); kafka.begin()                    # again, on the same data and ports

Kafka(version="3.9.2") is another version; Kafka(joins=kafka) a further broker of that cluster;
`properties` are added to server.properties. Security, beside the plain listener that is always there:
  users={"ann": "secret"}      listener "sasl": PLAIN and SCRAM-SHA-256/512 for these users
  authority=pki.Authority(…)   listener "tls" (certificates optional), and "sasl_tls" with users
  kerberos=kdc.Kdc()           listener "kerberos": SASL GSSAPI
  properties=ACLS              users may do what `kafka.tool("acls", …)` allowed; the plain listener may all
Debian's kcat speaks SCRAM to 3.9 only: before librdkafka 2.6.1 it is not as the RFC has it, which 4.0 checks.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from servers import ROOT, Server, free_port

ACLS = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS"}
TOOLS = {
    "acls": "org.apache.kafka.tools.AclCommand",
    "configs": "kafka.admin.ConfigCommand",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "offsets": "org.apache.kafka.tools.GetOffsetShell",
    "producer-perf": "org.apache.kafka.tools.ProducerPerformance",
    "share-groups": "org.apache.kafka.tools.consumer.group.ShareGroupCommand",
    "streams-groups": "org.apache.kafka.tools.streams.StreamsGroupCommand",
    "storage": "kafka.tools.StorageTool",
    "topics": "org.apache.kafka.tools.TopicCommand",
    "transactions": "org.apache.kafka.tools.TransactionsCommand",
}
TOOLS_OF_3 = {**TOOLS, "acls": "kafka.admin.AclCommand"}
# One cluster per test: it may as well be known.
CLUSTER = "cGx1bWJsaW5lLXRlc3QtMQ"
PROTOCOLS = {"plain": "PLAINTEXT", "sasl": "SASL_PLAINTEXT", "tls": "SSL", "sasl_tls": "SASL_SSL",
             "kerberos": "SASL_PLAINTEXT"}
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
LOGIN = "org.apache.kafka.common.security"
# Runs long enough for a test on the first compiler alone, which takes half the CPU to start.
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true")


@dataclass(frozen=True)
class Message:
    partition: int
    offset: int
    key: bytes
    value: bytes
    time: int  # Unix ms


class Kafka(Server):
    """One broker, which is the controller of its cluster too unless it joins one."""

    def __init__(self, version="4.3.1", properties=None, users=None, authority=None, joins=None, heap="256m",
                 kerberos=None):
        super().__init__()
        got = subprocess.run([ROOT / "tests/support/kafka/get", version], check=True, stdout=subprocess.PIPE, text=True)
        self.tools = TOOLS_OF_3 if version.startswith("3.") else TOOLS
        self.environment = {**os.environ, "CLASSPATH": got.stdout.strip() + "/*"}
        self.first = joins.first if joins else self
        self.first.count = 1 if not joins else self.first.count + 1
        self.number = self.first.count
        self.heap = heap
        self.controller_port = self.first.controller_port if joins else free_port()
        names = ["plain"] + ["sasl"] * bool(users) + ["tls"] * bool(authority) + ["sasl_tls"] * bool(users and authority)
        names += ["kerberos"] * bool(kerberos)
        self.options = [f"-Djava.security.krb5.conf={kerberos.config}"] if kerberos else []
        self.ports = {name: free_port() for name in names}
        lines = {**self._basics(), **self._sasl(users or {}), **self._tls(authority), **self._kerberos(kerberos), **(properties or {})}
        self.file = self.path / "server.properties"
        self.file.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        scram = [word for mechanism in SCRAM for user, password in (users or {}).items()
                 for word in ("--add-scram", f"{mechanism}=[name={user},password={password}]")]
        self.tool("storage", "format", "--cluster-id", CLUSTER, "--config", self.file, *scram)
        self.begin()

    def begin(self):
        """Starts it, also again after stop(); returns when it serves."""
        before = len(self.log())
        self.start([*JAVA, *self.options, f"-Xmx{self.heap}", "-Xms64m", "-Dorg.slf4j.simpleLogger.showDateTime=true",
                    "kafka.Kafka", self.file], env=self.environment)
        self.wait_ready(lambda: "Kafka Server started" in self.log()[before:])
        return self

    def address(self, listener="plain"):
        """Of "plain", "sasl", "tls" or "sasl_tls"."""
        return f"127.0.0.1:{self.ports[listener]}"

    def tool(self, name, *arguments, check=True):
        """What one of Kafka's own TOOLS prints; about a second each."""
        server = [] if name in ("storage", "producer-perf") else ["--bootstrap-server", self.address()]
        done = subprocess.run([*JAVA, "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", self.tools[name],
                               *server, *map(str, arguments)], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode != 0:
            raise AssertionError(f"kafka {name} {arguments}: {done.stdout}")
        return done.stdout

    def create_topic(self, topic, partitions=1, replicas=1, **settings):
        self.tool("topics", "--create", "--topic", topic, "--partitions", partitions, "--replication-factor", replicas,
                  *(word for key, value in settings.items() for word in ("--config", f"{key}={value}")))

    def kcat(self, *arguments, stdin=None):
        """The bytes that kcat prints, against the plain listener."""
        done = subprocess.run(["kcat", "-q", "-b", self.address(), *map(str, arguments)], input=stdin, capture_output=True)
        if done.returncode != 0:
            raise AssertionError(f"kcat {arguments}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def produce(self, topic, lines, *arguments):
        """One message a line; arguments of kcat: "-p", 1 for a partition, "-K:" for "key:value"."""
        self.kcat("-P", "-t", topic, *arguments, stdin="".join(f"{line}\n" for line in lines).encode())

    def read(self, topic):
        """All messages there are, in the order of each partition."""
        # Each as "partition offset time keylength valuelength\n" key value.
        text = self.kcat("-C", "-e", "-o", "beginning", "-t", topic, "-f", "%p %o %T %K %S\n%k%s")
        messages = []
        while text:
            head, _, text = text.partition(b"\n")
            partition, offset, time, key, value = map(int, head.split())
            key, value = max(key, 0), max(value, 0)  # -1: null
            messages.append(Message(partition, offset, text[:key], text[key:key + value], time))
            text = text[key + value:]
        return sorted(messages, key=lambda message: (message.partition, message.offset))

    def _basics(self):
        own = f"CONTROLLER://127.0.0.1:{self.controller_port}"
        advertised = ",".join(f"{name.upper()}://127.0.0.1:{port}" for name, port in self.ports.items())
        alone = self.first is self
        return {
            "node.id": self.number,
            "process.roles": "broker,controller" if alone else "broker",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{advertised},{own}" if alone else advertised,
            "advertised.listeners": advertised,
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT," + ",".join(
                f"{name.upper()}:{PROTOCOLS[name]}" for name in self.ports),
            "inter.broker.listener.name": "PLAIN",
            "log.dirs": self.path / "data",
            # The defaults are for clusters; they would cost this one time and memory.
            "offsets.topic.num.partitions": 3,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 3,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 1,
            "num.io.threads": 2,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 16 << 20,
        }

    def _sasl(self, users):
        if not users:
            return {}
        plain = "".join(f' user_{user}="{password}"' for user, password in users.items())
        lines = {"sasl.enabled.mechanisms": ",".join(("PLAIN", *SCRAM))}
        for listener in {"sasl", "sasl_tls"} & self.ports.keys():
            place = f"listener.name.{listener}"
            lines[f"{place}.plain.sasl.jaas.config"] = f"{LOGIN}.plain.PlainLoginModule required{plain};"
            for mechanism in SCRAM:
                lines[f"{place}.{mechanism.lower()}.sasl.jaas.config"] = f"{LOGIN}.scram.ScramLoginModule required;"
        return lines

    def _kerberos(self, kdc):
        if not kdc:
            return {}
        principal = "kafka/127.0.0.1"
        place = "listener.name.kerberos"
        return {f"{place}.sasl.enabled.mechanisms": "GSSAPI", f"{place}.sasl.kerberos.service.name": "kafka",
                f"{place}.gssapi.sasl.jaas.config": "com.sun.security.auth.module.Krb5LoginModule required "
                f'useKeyTab=true storeKey=true keyTab="{kdc.keytab(principal)}" principal="{principal}";'}

    def _tls(self, authority):
        if not authority:
            return {}
        certificate, key = authority.issue(f"broker{self.number}")
        store = self.path / "broker.pem"
        store.write_text(Path(key).read_text() + Path(certificate).read_text())
        return {"ssl.keystore.type": "PEM", "ssl.keystore.location": store,
                "ssl.truststore.type": "PEM", "ssl.truststore.location": authority.certificate,
                "ssl.client.auth": "requested"}
