# SPDX-License-Identifier: Apache-2.0
"""Pipelines for drills: a topic, a group and a manifest each, so that a fault touches one alone."""

import json

from consumers import Consumer, wait_read
from drill_world import World
from lag_agent import LagAgent
from servers import wait_until

BEFORE = 20  # records that are there, and read, before anything happens


def pipeline(name, freshness=None, completeness=95, **spec):
    """Reads the topic NAME as the group NAME; what is not the drill's is promised loosely."""
    return {"kind": "DataPipeline", "metadata": {"name": name}, "spec": {
        "source": {"type": "kafka", "cluster": "main", "topic": name, "consumerGroup": name}, "owner": "team-drills",
        "objectives": {"freshness": freshness or {"within": "1d"}, "completeness": {"target": completeness}}, **spec}}


class Pipelines:
    """Everything that reads from one Kafka, with an agent that looks at it. `topics`: settings by name;
    `events`: of World."""

    def __init__(self, case, kafka, manifests, topics=None, replicas=1, events=None, **agent):
        self.kafka = kafka
        self.consumers = {}
        for manifest in manifests:
            name = manifest["metadata"]["name"]
            settings = (topics or {}).get(name, {})
            if settings or replicas > 1:  # else its first record makes it, which is faster
                kafka.create_topic(name, replicas=replicas, **settings)
            kafka.produce(name, range(BEFORE))
            self.consumers[name] = Consumer(kafka, name, name)
            case.addClassCleanup(self.consumers[name].end)
        self.agent = case.enterClassContext(LagAgent(brokers=[kafka.address()], **agent)).wait_up()
        for name in self.consumers:
            wait_read(self.agent, name)
        self.world = World(case, self.agent, manifests, kafka=kafka, events=events)

    def freeze(self, name, records):
        """The group hangs, amid its work, and records come; its consumer, to be thawed."""
        def committed():
            return self.agent.by("kafka_consumer_group_offset_sum", "group")[name]
        before = committed()
        self.kafka.produce(name, range(1))
        wait_until("its last commit is a moment old", lambda: committed() > before)
        self.consumers[name].freeze()
        self.kafka.produce(name, range(records))
        return self.consumers[name]

    def delete_records(self, topic, until):
        order = self.kafka.path / "delete.json"
        order.write_text(json.dumps({"version": 1, "partitions": [
            {"topic": topic, "partition": 0, "offset": until}]}))
        self.kafka.tool("delete-records", "--offset-json-file", order)
