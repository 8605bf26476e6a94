# SPDX-License-Identifier: Apache-2.0
"""Members of a consumer group that do what a drill needs: read, freeze, go away."""

import signal
import subprocess

from servers import wait_until


class Consumer:
    """Reads one topic as one group; commits twice a second."""

    def __init__(self, kafka, group, topic):
        self.kafka, self.group, self.topic = kafka, group, topic
        self.process = None
        self.begin()

    def begin(self):
        self.process = subprocess.Popen(
            ["kcat", "-q", "-b", self.kafka.address(), "-G", self.group, "-X", "auto.offset.reset=earliest",
             "-X", "auto.commit.interval.ms=500", "-X", "session.timeout.ms=300000", self.topic],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def freeze(self):
        """It stays a member and reads nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def leave(self):
        self.process.terminate()
        self.process.wait()

    def end(self):
        self.process.kill()
        self.process.wait()


def wait_read(agent, group):
    """Until the agent sees a member that has read everything."""
    wait_until(f"{group} has read everything",
               lambda: agent.by("kafka_consumer_group_members", "group").get(group) == 1
               and agent.by("plumbline_kafka_consumer_group_backlog", "group").get(group) == 0)
