# SPDX-License-Identifier: Apache-2.0
"""What keeps an agent from writing to Kafka: each is one clear line of log, loses nothing, and is over
once somebody has mended it, without a restart. And each way to log in that works."""

import tempfile
import unittest
from pathlib import Path

from kafka_server import ACLS, Kafka
from pki import Authority
from servers import Agent

PASSWORD = "c0rrect-horse"
WRONG = "wr0ng-horse"


def ledger(agent):
    found = agent.get_json("/api/v1/status")["destinations"][0].get("ledger", {}).get("metrics", {})
    return {"delivered": 0, "rejected": 0, "dropped": 0, **found}


def complaints(agent):
    return [line for line in agent.log().splitlines() if "does not take data" in line]


class Cluster(unittest.TestCase):
    """A cluster with everything, and an agent that is to write to it."""

    version = "4.3.1"
    properties = {**ACLS, "auto.create.topics.enable": "false"}

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.authority = Authority(cls.folder)
        cls.kafka = cls.enterClassContext(Kafka(cls.version, users={"ann": PASSWORD, "bob": PASSWORD},
                                                authority=cls.authority, properties=cls.properties))
        cls.allow("ann", "*")
        cls.kafka.create_topic("otlp_metrics")

    @classmethod
    def allow(cls, user, topic):
        cls.kafka.tool("acls", "--add", "--allow-principal", f"User:{user}", "--operation", "Write",
                       "--operation", "Describe", "--topic", topic)

    def password_file(self, password=PASSWORD):
        path = self.folder / f"{self._testMethodName}.password"
        path.write_text(password + "\n")
        path.chmod(0o600)
        return path

    def settings(self, listener, mechanism=None, user="ann", password=PASSWORD, ca_file=None, **others):
        kafka = {"brokers": [self.kafka.address(listener)], "timeout": "5s", **others}
        if mechanism:
            kafka["sasl"] = {"mechanism": mechanism, "username": user,
                             "password_file": str(self.password_file(password))}
        if "tls" in listener:
            kafka["tls"] = {"enabled": True, "ca_file": str(ca_file or self.authority.certificate)}
        return {"kafka": [kafka]}

    def assert_delivers(self, agent):
        agent.wait_ready(lambda: ledger(agent)["delivered"] > 0)
        self.assertEqual((ledger(agent)["rejected"], ledger(agent)["dropped"]), (0, 0))

    def wait_complaint(self, agent, *words):
        line = agent.wait_ready(lambda: complaints(agent))[0]
        for word in words:
            self.assertIn(word, line)
        self.assertEqual(ledger(agent)["delivered"], 0)
        return line


class Refusals(Cluster):
    def test_a_wrong_password(self):
        with Agent(self.settings("sasl", "PLAIN", password=WRONG)) as agent:
            self.wait_complaint(agent, self.kafka.address("sasl"), "uthentication failed")
            self.password_file()
            self.assert_delivers(agent)
            self.assertEqual(len(complaints(agent)), 1, agent.log())
            for where in ("cmdline", "environ"):
                text = Path(f"/proc/{agent.process.pid}/{where}").read_text()
                self.assertNotIn(PASSWORD, text + agent.log())
                self.assertNotIn(WRONG, text + agent.log())

    def test_a_wrong_authority(self):
        copy = self.folder / "trusted.pem"
        copy.write_text(Authority(self.folder, "other").certificate.read_text())
        with Agent(self.settings("tls", ca_file=copy)) as agent:
            self.wait_complaint(agent, self.kafka.address("tls"), "certificate verify failed")
            copy.write_text(self.authority.certificate.read_text())
            self.assert_delivers(agent)
            self.assertEqual(len(complaints(agent)), 1, agent.log())

    def test_tls_where_there_is_none(self):
        settings = self.settings("tls")
        settings["kafka"][0]["brokers"] = [self.kafka.address()]
        with Agent(settings) as agent:
            self.wait_complaint(agent, self.kafka.address(), "SSL")

    def test_no_tls_where_there_is_some(self):
        settings = self.settings("plain")
        settings["kafka"][0]["brokers"] = [self.kafka.address("tls")]
        with Agent(settings) as agent:
            self.wait_complaint(agent, self.kafka.address("tls"), "SSL")

    def test_a_topic_that_does_not_exist(self):
        with Agent(self.settings("plain", topics={"metrics": "missing"})) as agent:
            self.wait_complaint(agent, "there is no topic missing", "create it")
            self.kafka.create_topic("missing")
            self.assert_delivers(agent)
            self.assertEqual(len(complaints(agent)), 1, agent.log())

    def test_no_right_to_write_anywhere(self):
        with Agent(self.settings("sasl", "PLAIN", user="bob")) as agent:
            self.wait_complaint(agent, "no right to write")
            self.allow("bob", "otlp_metrics")
            self.assert_delivers(agent)
            self.assertEqual(len(complaints(agent)), 1, agent.log())


class Logins(Cluster):
    def assert_logs_in(self, listener, mechanism=None):
        with Agent(self.settings(listener, mechanism)) as agent:
            self.assert_delivers(agent)
            self.assertEqual(complaints(agent), [])

    def test_tls(self):
        self.assert_logs_in("tls")

    def test_plain_over_tls(self):
        self.assert_logs_in("sasl_tls", "PLAIN")

    def test_a_certificate_of_our_own(self):
        certificate, key = self.authority.issue("agent")
        settings = self.settings("tls")
        settings["kafka"][0]["tls"] |= {"certificate_file": str(certificate), "key_file": str(key)}
        self.kafka.tool("acls", "--add", "--allow-principal", "User:CN=agent", "--operation", "Write", "--topic", "mtls")
        self.kafka.create_topic("mtls")
        settings["kafka"][0]["topics"] = {"metrics": "mtls"}
        with Agent(settings) as agent:
            self.assert_delivers(agent)

    def test_scram(self):
        """With a librdkafka that Kafka 4 understands; else the line says which one it takes."""
        with Agent(self.settings("sasl_tls", "SCRAM-SHA-512")) as agent:
            agent.wait_ready(lambda: complaints(agent) or ledger(agent)["delivered"] > 0)
            for line in complaints(agent):
                self.assertIn("needs librdkafka 2.6.1", line)


class LoginsToKafka3(Logins):
    version = "3.9.2"

    def test_scram(self):
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
            with self.subTest(mechanism):
                self.assert_logs_in("sasl_tls", mechanism)


if __name__ == "__main__":
    unittest.main()
