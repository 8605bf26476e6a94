# SPDX-License-Identifier: Apache-2.0
"""Many groups: how often brokers are asked, how long a look takes beside other ways, what it keeps."""

import collections
import os
import time
import unittest
from pathlib import Path

from kafka_groups import ManyGroups
from kafka_proxy import KafkaProxy
from kafka_server import Kafka
from kafka_wire import Client
from lag_agent import LagAgent, listed
from scripted_kafka import ScriptedKafka
from servers import wait_until

MIB = 1 << 20
# In one look of one broker: Metadata, ListGroups, OffsetFetch, DescribeGroups, three times ListOffsets.
REQUESTS = 7
# On top of these now and then: questions for times, eight rounds at most; settings, disks, moves.
EXTRA = 8 + 3


def resident(process):
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no Rss")


def cpu_seconds(process):
    """What its threads have had of the CPU: other work on the machine is no part of it."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) * 1e-9


def look(agent):
    """(requests so far, seconds the last look took)."""
    text = agent.get("/metrics")
    found = {}
    for line in text.splitlines():
        if line.startswith(("plumbline_kafka_requests_total{", "plumbline_kafka_look_duration_seconds{")):
            found[line.partition("{")[0]] = float(line.rsplit(" ", 1)[1])
    return found.get("plumbline_kafka_requests_total"), found.get("plumbline_kafka_look_duration_seconds")


def looks(agent, count):
    """[(requests, seconds)] of `count` looks from now on."""
    seen, before = [], look(agent)
    while len(seen) < count:
        def another():
            now = look(agent)  # one page: another may be of a later look
            return now if now[0] != before[0] else None
        now = wait_until("another look", another)
        seen.append((now[0] - before[0], now[1]))
        before = now
    return seen


class Real(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = cls.enterClassContext(KafkaProxy())
        cls.kafka = cls.enterClassContext(Kafka(properties=cls.proxy.advertised, heap="512m"))
        cls.proxy.target = cls.kafka.ports["plain"]
        cls.groups = ManyGroups(cls.kafka)

    def test_a_look_is_a_few_requests_and_every_sum_is_right(self):
        wanted = collections.Counter()
        for (group, _, _), lag in self.groups.lag(listed(self.kafka, -1)).items():
            wanted[group] += lag
        with LagAgent(brokers=[self.proxy.address], groups="g.*") as agent:
            agent.wait_up()
            seen = looks(agent, 3)
            # Between two looks the page tells every request that went by, from the first one on.
            wait_until("the page tells what the proxy saw", lambda: look(agent)[0] == self.proxy.of("plumbline"))
            self.assertTrue(all(count <= REQUESTS + EXTRA for count, _ in seen), seen)
            self.assertEqual(min(count for count, _ in seen), REQUESTS)
            shown = agent.by("plumbline_kafka_consumer_group_backlog", "group")
            self.assertEqual(shown, {name: wanted[name] for name in shown})
            left_out = agent.by("plumbline_kafka_groups_left_out", "kafka_cluster_alias")["main"]
            self.assertEqual(len(shown) + left_out, len(wanted))
            # Loaded or not, this machine asks for one group after the other in this time.
            begun = time.monotonic()
            with Client(self.kafka.address()) as client:
                for name in wanted:
                    client.committed(name)
            one_by_one = time.monotonic() - begun
            quickest = min(seconds for _, seconds in seen)
            print(f"{len(wanted)} groups, 1500 partitions: a look takes {1e3 * quickest:.0f} ms; their commits alone, "
                  f"one group a request: {1e3 * one_by_one:.0f} ms")
            self.assertLess(quickest, one_by_one)
            kept = resident(agent.process)
            looks(agent, 4)
            self.assertLess(resident(agent.process) - kept, 10 * MIB)


class Scripted(unittest.TestCase):
    """What no real broker of a test can be: PLUMBLINE_SCALE_GROUPS=10000 takes a minute or two."""

    MANY = int(os.environ.get("PLUMBLINE_SCALE_GROUPS", "2500"))

    def test_ten_times_as_many_groups_cost_ten_times_as_much(self):
        spent = {}
        for groups in (self.MANY // 10, self.MANY):
            brokers, topics = 3, groups // 10
            with ScriptedKafka(groups=groups, topics=topics, partitions=100, brokers=brokers, behind=50) as cluster, \
                    LagAgent(brokers=cluster.addresses[:1], timeout="30s") as agent:
                agent.wait_up()
                cluster.move()
                before = cpu_seconds(agent.process)
                seen = looks(agent, 3)
                spent[groups] = cpu_seconds(agent.process) - before
                # Groups travel 2,000 in a request.
                most = brokers * (REQUESTS + EXTRA + 2 * (groups // brokers // 2_000))
                self.assertTrue(all(count <= most for count, _ in seen), seen)
                lag = agent.by("plumbline_kafka_consumer_group_backlog", "group")
                for number in range(0, groups, cluster.behind):  # those worst off are never left out
                    self.assertEqual(lag.pop(f"group-{number:05}"), cluster.width * cluster.lag)
                self.assertEqual(set(lag.values()), {0})
                left_out = agent.by("plumbline_kafka_groups_left_out", "kafka_cluster_alias")["main"]
                self.assertEqual(len(lag) + left_out, groups - groups // cluster.behind)
                print(f"{groups} groups, {topics * 100} partitions, scripted: "
                      f"{1e3 * min(seconds for _, seconds in seen):.0f} ms, "
                      f"{min(count for count, _ in seen):.0f} requests")
        self.assertLess(spent[self.MANY], 30 * spent[self.MANY // 10])


if __name__ == "__main__":
    unittest.main()
