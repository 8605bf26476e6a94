# SPDX-License-Identifier: Apache-2.0
"""Brokers that want to know who asks: TLS, the SASL mechanisms, and rights that are missing."""

import tempfile
import unittest
from pathlib import Path

from kafka_server import ACLS, Kafka
from lag_agent import LagAgent
from pki import Authority
from servers import wait_until

USERS = {"ann": "secret of ann", "admin": "admin"}


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.authority = Authority(cls.folder)
        cls.kafka = kafka = cls.enterClassContext(Kafka(users=USERS, authority=cls.authority, properties=ACLS))
        for topic in ("open", "closed"):
            kafka.create_topic(topic)
            kafka.produce(topic, range(10))
            kafka.kcat("-G", f"on {topic}", "-c", 4, "-X", "auto.offset.reset=earliest", topic)
        for resource in (("--topic", "open"), ("--group", "on open"), ("--group", "on closed")):
            kafka.tool("acls", "--add", "--allow-principal", "User:ann", "--operation", "Describe", *resource)
        cls.password = cls.folder / "password"
        cls.password.write_text("secret of ann\n")

    def login(self, mechanism, **more):
        return {"sasl": {"mechanism": mechanism, "user": "ann", "password_file": str(self.password)}, **more}

    def assert_sees_what_ann_may(self, **cluster):
        with LagAgent(**cluster) as agent:
            agent.wait_up()
            wait_until("the lag", lambda: agent.lag() == {("on open", "open", 0): 6})

    def test_every_mechanism(self):
        for mechanism in ("plain", "scram-sha-256", "scram-sha-512"):
            with self.subTest(mechanism):
                self.assert_sees_what_ann_may(brokers=[self.kafka.address("sasl")], **self.login(mechanism))

    def test_over_tls(self):
        self.assert_sees_what_ann_may(
            brokers=[self.kafka.address("sasl_tls")],
            **self.login("scram-sha-512", tls=True, ca_file=str(self.authority.certificate)))

    def test_missing_rights_are_named(self):
        with LagAgent(brokers=[self.kafka.address("sasl")], **self.login("plain")) as agent:
            agent.wait_up()
            refused = set(agent.by("plumbline_kafka_refusals", "plumbline_kafka_api", "error_type"))
            self.assertEqual(refused, {("DescribeConfigs", "TOPIC_AUTHORIZATION_FAILED"),
                                       ("DescribeLogDirs", "CLUSTER_AUTHORIZATION_FAILED"),
                                       ("ListPartitionReassignments", "CLUSTER_AUTHORIZATION_FAILED")})
            coverage = agent.coverage()
            self.assertEqual(coverage["state"], "degraded")
            self.assertIn("DescribeConfigs TOPIC_AUTHORIZATION_FAILED on topic open: the agent's user needs "
                          "DESCRIBE_CONFIGS on it", coverage["reason"])
            self.assertIn("DescribeLogDirs CLUSTER_AUTHORIZATION_FAILED on the cluster: the agent's user needs DESCRIBE",
                          coverage["reason"])

    def refused(self, **cluster):
        with LagAgent(**cluster) as agent:
            wait_until("it is refused", lambda: agent.coverage().get("state") == "unavailable")
            wait_until("the cluster is down",
                       lambda: agent.by("plumbline_kafka_cluster_up", "kafka_cluster_alias") == {"main": 0})
            return agent.coverage()["reason"]

    def test_a_wrong_password_is_told(self):
        wrong = self.folder / "wrong"
        wrong.write_text("guess")
        for mechanism in ("plain", "scram-sha-256"):
            login = {"mechanism": mechanism, "user": "ann", "password_file": str(wrong)}
            reason = self.refused(brokers=[self.kafka.address("sasl")], sasl=login)
            self.assertIn("is refused", reason)
            self.assertNotIn("guess", reason)

    def test_a_mechanism_that_is_not_offered_is_told(self):
        token = self.folder / "token"
        token.write_text("t")
        reason = self.refused(brokers=[self.kafka.address("sasl")],
                              sasl={"mechanism": "oauthbearer", "token_file": str(token)})
        self.assertIn("does not offer SASL OAUTHBEARER; it offers PLAIN", reason)

    def test_a_certificate_that_is_not_trusted_is_told(self):
        other = Authority(self.folder, "other")
        reason = self.refused(brokers=[self.kafka.address("tls")], tls=True, ca_file=str(other.certificate))
        self.assertIn("is not trusted", reason)

    def test_tls_where_there_is_none_and_none_where_there_is(self):
        reason = self.refused(brokers=[self.kafka.address()], tls=True, ca_file=str(self.authority.certificate))
        self.assertIn("TLS handshake", reason)
        reason = self.refused(brokers=[self.kafka.address("tls")])
        self.assertIn("main: 127.0.0.1", reason)


if __name__ == "__main__":
    unittest.main()
