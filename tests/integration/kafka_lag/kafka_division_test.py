# SPDX-License-Identifier: Apache-2.0
"""Agents that divide a cluster's work among them: whatever becomes of one, each series is told by
exactly one agent at any time, and none is left untold for long.

Judged by what they exported, with the times of the points, not by what they said of themselves."""

import json
import signal
import time
import unittest
from collections import defaultdict

from kafka_groups import ManyGroups
from kafka_server import ACLS, Kafka
from lag_agent import LagAgent
from otlp_json import metrics, points, series
from servers import wait_until

TOPIC = "plumbline-division"
GAP_SECONDS = 10
# Of each agent for itself: that it looks, and what it holds.
OF_THE_AGENT = ("plumbline.kafka.cluster.up", "plumbline.kafka.look.", "plumbline.kafka.requests",
                "plumbline.kafka.received", "plumbline.kafka.refusals", "plumbline.kafka.series.",
                "plumbline.kafka.groups.", "plumbline.kafka.division.")
GROUPS, TOPICS = 40, 8


def is_of_cluster(name):
    return "kafka" in name and name.startswith(("kafka.", "plumbline.kafka.")) and not name.startswith(OF_THE_AGENT)


def told(agent, wanted=is_of_cluster):
    """{(series, time in ns)}: each point that the agent exported; what is "no recorded value" is none."""
    found = set()
    for line in agent.log().splitlines():
        if not line.startswith('{"resourceMetrics"'):
            continue
        for metric in metrics([json.loads(line)]):
            if wanted(metric["name"]):
                found |= {(series(metric, point), int(point["timeUnixNano"])) for point in points(metric)
                          if not int(point.get("flags", 0)) & 1}
    return found


def lateness(agent):
    """By how much a look came later than the second in which it was due, at the worst: of a busy machine."""
    times = sorted(nanos / 1e9 for _, nanos in told(agent, "plumbline.kafka.cluster.up".__eq__))
    return max(after - before for before, after in zip(times, times[1:])) - 1


class Agents:
    """Agents with the same coordination topic, by name."""

    def __init__(self, test, kafka, **cluster):
        self.test, self.kafka, self.cluster, self.all = test, kafka, cluster, {}

    def start(self, name):
        self.all[name] = self.test.enterContext(LagAgent(
            more={"stdout": {"format": "otlp_json"}},
            **{"brokers": [self.kafka.address()], "division": {"topic": TOPIC}, **self.cluster}))

    def value(self, name, metric):
        return self.all[name].by(metric, "kafka_cluster_alias").get("main")

    def tellers(self, names, metric, *labels):
        """{values of labels: names of those agents whose page has it}."""
        found = defaultdict(list)
        for name in names:
            for key in self.all[name].by(metric, *labels):
                found[key].append(name)
        return found

    def wait_shared(self, *names):
        """Until these tell every group and the cluster once, and each has something to tell."""
        def shared():
            groups = self.tellers(names, "plumbline_kafka_consumer_group_backlog", "group")
            brokers = self.tellers(names, "kafka_brokers", "kafka_cluster_alias")
            mine = {group: who for group, who in groups.items() if group.startswith("g")}
            once = len(mine) == GROUPS and all(len(who) == 1 for who in [*mine.values(), *brokers.values()])
            return once and brokers and {who[0] for who in mine.values()} == set(names)
        wait_until(f"{names} share the work", shared, 90)

    def told(self):
        """{series: [(seconds, agent)] in the order of time}."""
        found = defaultdict(list)
        for name, agent in self.all.items():
            for key, nanos in told(agent):
                found[key].append((nanos / 1e9, name))
        return {key: sorted(points) for key, points in found.items()}


class Division(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka(properties=ACLS, users={"ann": "secret"}))
        cls.groups = ManyGroups(cls.kafka, groups=GROUPS, topics=TOPICS, partitions=2, width=2, records=20)

    def assert_once(self, history):
        """No tick of the clock at which two agents tell the same, and no agents that take turns."""
        self.assertGreater(len(history), GROUPS * 5)
        for key, points in history.items():
            handed_over = [(before, after) for before, after in zip(points, points[1:]) if before[1] != after[1]]
            self.assertEqual([pair for pair in handed_over if pair[1][0] - pair[0][0] < 0.25], [], key)
            self.assertLessEqual(len(handed_over), 6, key)

    def assert_no_gap(self, history, begin, end, late):
        """Series that are always there. `late`: what the machine alone takes of the time."""
        worst = 0
        for (name, labels), points in history.items():
            if name not in ("plumbline.kafka.consumer_group.backlog", "kafka.topic.partitions", "kafka.brokers"):
                continue
            times = [seconds for seconds, _ in points if begin <= seconds <= end]
            for before, after in zip([begin, *times], [*times, end]):
                worst = max(worst, after - before)
                self.assertLessEqual(after - before, GAP_SECONDS + late, (name, labels, points))
        return worst

    def test_one_is_killed_one_is_paused_and_one_comes(self):
        agents = Agents(self, self.kafka)
        for name in ("killed", "paused", "staying"):
            agents.start(name)
        agents.wait_shared("killed", "paused", "staying")
        wait_until("they hold everything together", lambda: abs(1 - sum(
            agents.value(name, "plumbline_kafka_division_share_ratio") for name in agents.all)) < 1e-6)
        wait_until("the members are counted", lambda: [
            value for value in (agents.value(name, "plumbline_kafka_division_members") for name in agents.all)
            if value is not None] == [3])
        begin = time.time()
        agents.all["killed"].process.kill()
        agents.all["killed"].process.wait()
        agents.all["paused"].process.send_signal(signal.SIGSTOP)
        stopped = time.time()
        agents.wait_shared("staying")
        agents.all["paused"].process.send_signal(signal.SIGCONT)
        resumed = time.time()
        agents.wait_shared("staying", "paused")
        agents.start("coming")
        agents.wait_shared("staying", "paused", "coming")
        end = time.time() - 2  # what is told of it is exported
        history = agents.told()
        self.assert_once(history)
        late = lateness(agents.all["staying"])
        worst = self.assert_no_gap(history, begin, end, late)
        of_paused = [seconds for points in history.values() for seconds, name in points if name == "paused"]
        while_out = [seconds for seconds in of_paused if stopped + 1 < seconds < resumed]
        self.assertEqual(while_out, [])
        print(f"{len(history)} series, longest gap {worst:.2f} s, looks up to {late:.2f} s late, taken over in {resumed - stopped:.2f} s")

    def test_one_that_ends_in_order_hands_its_work_over(self):
        agents = Agents(self, self.kafka)
        agents.start("first")
        agents.start("second")
        agents.wait_shared("first", "second")
        self.assertEqual(agents.all["first"].stop(), 0)
        agents.wait_shared("second")
        self.assert_once(agents.told())

    def test_the_broker_is_restarted(self):
        agents = Agents(self, self.kafka)
        for name in ("a", "b", "c"):
            agents.start(name)
        agents.wait_shared("a", "b", "c")
        for pause in (0, 8):  # within the session, and longer than it
            self.kafka.stop()
            time.sleep(pause)
            self.kafka.begin()
            back = time.time()
            agents.wait_shared("a", "b", "c")
            print(f"shared again {time.time() - back:.2f} s after the broker was back")
        self.assert_once(agents.told())

    def test_a_right_that_is_missing_is_named(self):
        password = self.kafka.path / "password"
        password.write_text("secret")
        for resource in (("--topic", "*"), ("--group", "*")):
            self.kafka.tool("acls", "--add", "--allow-principal", "User:ann", "--operation", "Describe", *resource)
        agents = Agents(self, self.kafka, brokers=[self.kafka.address("sasl")], division={"topic": "not-there"},
                        sasl={"mechanism": "plain", "user": "ann", "password_file": str(password)})
        agents.start("ann")
        coverage = wait_until("it is told", lambda: next((
            said for said in [agents.all["ann"].coverage().get("reason", "")] if "not-there" in said), None))
        self.assertIn("READ", coverage)
        self.assertEqual(agents.all["ann"].lag(), {})


if __name__ == "__main__":
    unittest.main()
