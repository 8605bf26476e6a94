# SPDX-License-Identifier: Apache-2.0
"""The agent with its Kafka collector alone, and what it says of groups."""

import re

from servers import Agent, wait_until


class LagAgent(Agent):
    """Looks at one cluster every second, and at `others`; `cluster` is its section of the configuration,
    `more` what stands beside it. Sends to `otlp`."""

    def __init__(self, otlp=(), others=(), more=None, environment=None, **cluster):
        off = "node filesystem hardware sched block memory irq tcp process".split()
        collectors = {name: {"enabled": False} for name in off}
        self.settings = {
            "collectors": {**collectors, "kafka": {"period": "1s"}},
            "otlp": [{"endpoint": url} for url in otlp],
            "kafka_clusters": [{"name": "main", **cluster}, *others], **(more or {})}
        super().__init__(self.settings, environment=environment)

    def samples(self, name, page=None):
        """{frozenset of labels: value} of one metric, as /metrics shows it now, or as `page` does: what is compared
        with each other must be of one look."""
        found = {}
        for line in (page or self.get("/metrics")).splitlines():
            match = re.fullmatch(rf"{name}\{{(.*)\}} (\S+)", line)
            if match:
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(1)))
                found[frozenset(labels.items())] = float(match.group(2))
        return found

    def by(self, name, *labels, page=None):
        """{values of these labels: value}, an integer where it is one."""
        out = {}
        for key, value in self.samples(name, page).items():
            values = tuple(dict(key).get(label) for label in labels)
            out[values[0] if len(labels) == 1 else values] = int(value) if value.is_integer() else value
        return out

    def lag(self, name="kafka_consumer_group_lag"):
        """{(group, topic, partition): value}."""
        return {(group, topic, int(partition)): value
                for (group, topic, partition), value in self.by(name, "group", "topic", "partition").items()}

    def wait_up(self):
        wait_until("the cluster is looked at",
                   lambda: self.by("plumbline_kafka_cluster_up", "kafka_cluster_alias").get("main") == 1)
        return self

    def coverage(self):
        """Of the clusters; empty before the first look."""
        signals = self.get_json("/api/v1/coverage")["signals"]
        return next((entry for entry in signals if entry["signal"] == "kafka.clusters"), {})


def described(kafka):
    """What Kafka's own tool says: {(group, topic, partition): (committed, end, lag)}, None for "-"."""
    rows = {}
    for line in kafka.tool("groups", "--describe", "--all-groups", check=False).splitlines():
        words = line.split()
        if len(words) < 6 or words[0] == "GROUP" or not words[2].isdigit():
            continue
        numbers = tuple(int(word) if re.fullmatch(r"-?\d+", word) else None for word in words[3:6])
        rows[words[0], words[1], int(words[2])] = numbers
    return rows


def listed(kafka, time):
    """What GetOffsetShell says: {(topic, partition): offset}."""
    rows = (line.split(":") for line in kafka.tool("offsets", "--time", time).split())
    return {(topic, int(partition)): int(offset) for topic, partition, offset in rows
            if not topic.startswith("__")}
