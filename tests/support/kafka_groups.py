# SPDX-License-Identifier: Apache-2.0
"""Thousands of groups without members on a real broker, and what is true of them."""

from kafka_wire import Client
from servers import wait_until


class ManyGroups:
    """Group number n reads `width` partitions of one topic; `committed` is {group: (topic, offsets)}."""

    def __init__(self, kafka, groups=2_000, topics=15, partitions=100, width=3, records=5_000):
        self.kafka = kafka
        self.topics = [f"t{number:02}" for number in range(topics)]
        self.committed = {}
        with Client(kafka.address()) as client:
            client.create_topics(self.topics, partitions)
            for topic in self.topics:
                kafka.produce(topic, range(records))
            wait_until("groups have a coordinator", lambda: self._commits_are_taken(client))
        for number in range(groups):
            first = number // topics * width
            offsets = {(first + i) % partitions: number % 5 for i in range(width)}
            self.committed[f"g{number:04}"] = (self.topics[number % topics], offsets)
        self.commit()

    def commit(self, further=0):
        """All groups commit, as many offsets further."""
        with Client(self.kafka.address()) as client:
            for group, (topic, offsets) in self.committed.items():
                moved = {partition: offset + further for partition, offset in offsets.items()}
                self.committed[group] = topic, moved
                client.commit(group, {topic: moved})

    def lag(self, ends):
        """{(group, topic, partition): offsets}; `ends` by topic and partition."""
        return {(group, topic, partition): ends[topic, partition] - offset
                for group, (topic, offsets) in self.committed.items() for partition, offset in offsets.items()}

    def _commits_are_taken(self, client):
        self.kafka.kcat("-G", "first", "-c", 1, "-X", "auto.offset.reset=earliest", self.topics[0])
        return client.committed("first")
