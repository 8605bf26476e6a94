# SPDX-License-Identifier: Apache-2.0
"""A broker that takes Kerberos alone, with a real KDC."""

import socket
import unittest

from kafka_server import Kafka
from kdc import REALM, Kdc
from lag_agent import LagAgent, described
from servers import wait_until

ANN = f"ann@{REALM}"


class Kerberos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kdc = cls.enterClassContext(Kdc())
        cls.kafka = kafka = cls.enterClassContext(Kafka(kerberos=cls.kdc))
        cls.keytab = cls.kdc.keytab("ann")
        for topic in ("orders", "payments"):
            kafka.create_topic(topic, 2)
            kafka.produce(topic, range(10), "-p", 0)
            kafka.kcat("-G", f"on-{topic}", "-c", 4, "-X", "auto.offset.reset=earliest", topic)

    def agent(self, user=ANN, config=None, **more):
        sasl = {"mechanism": "gssapi", "user": user, "keytab_file": str(self.keytab)}
        return self.enterContext(LagAgent(environment={"KRB5_CONFIG": str(config or self.kdc.config)},
                                          brokers=[self.kafka.address("kerberos")], sasl=sasl, **more))

    def test_it_sees_all_that_others_see_and_nothing_is_degraded(self):
        agent = self.agent().wait_up()
        told = {key: value[2] for key, value in described(self.kafka).items() if value[2] is not None}
        self.assertEqual(sum(told.values()), 12)
        wait_until("the lag is the tool's", lambda: agent.lag() == told)
        self.assertEqual(agent.coverage()["state"], "available", agent.coverage())

    def test_a_principal_without_a_key_is_told(self):
        agent = self.agent(user=f"bob@{REALM}")
        wait_until("it is refused", lambda: agent.coverage().get("state") == "unavailable")
        self.assertIn(f"no ticket for bob@{REALM} with the keytab", agent.coverage()["reason"])

    def test_a_kdc_that_does_not_answer_holds_up_no_other_cluster(self):
        silent = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        config = self.kdc.path / "silent.conf"
        config.write_text(self.kdc.config.read_text().replace(f":{self.kdc.port}", f":{silent.getsockname()[1]}"))
        agent = self.agent(config=config, timeout="1s", others=[{"name": "plain", "brokers": [self.kafka.address()]}])
        wait_until("one is seen, the other is not", lambda: agent.by(
            "plumbline_kafka_cluster_up", "kafka_cluster_alias") == {"main": 0, "plain": 1})
        self.assertIn("no answer in time", agent.coverage()["reason"])


if __name__ == "__main__":
    unittest.main()
