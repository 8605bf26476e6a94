# SPDX-License-Identifier: Apache-2.0
"""Brokers that answer from frames made before: a cluster far larger than a real one fits a test.

    with ScriptedKafka(groups=10_000, topics=1_000, partitions=100, brokers=3) as cluster:
        cluster.addresses      # host:port of each
        cluster.requests       # {API key: how many}
        cluster.move()         # every group and every log has gone on as long as it took

Each group reads one topic, from `width` of its partitions. Of each partition record k was written k
seconds after `begun`; it ends at `end`, and every `behind`th group is `lag` records behind. An answer is made when it
is first asked for and kept until the cluster moves, so that from the second look on the brokers cost
next to nothing. They speak the versions that the agent asks for first, and no other."""

import collections
import socket
import threading
import time

from kafka_wire import NULL, TAGS, Cursor, array, i8, i16, i32, i64, read_frame, text

# API key: the one version of it.
VERSIONS = {2: 8, 3: 12, 9: 9, 15: 5, 16: 5, 18: 3, 32: 4, 35: 4, 46: 0}
LIST_OFFSETS, METADATA, OFFSET_FETCH, DESCRIBE_GROUPS, LIST_GROUPS = 2, 3, 9, 15, 16
API_VERSIONS, DESCRIBE_CONFIGS, DESCRIBE_LOG_DIRS, REASSIGNMENTS = 18, 32, 35, 46
LATEST, EARLIEST = -1, -2


class ScriptedKafka:
    def __init__(self, groups, topics, partitions, brokers=1, width=10, lag=60, behind=1):
        self.groups = [f"group-{number:05}" for number in range(groups)]
        self.topics = {f"topic-{number:05}": number for number in range(topics)}
        self.partitions, self.width, self.end = partitions, min(width, partitions), 100_000
        self.lag, self.behind = lag, behind
        self.begun = int(time.time() * 1000) - self.end * 1000
        self.requests = collections.Counter()
        self.answers = {}
        self.lock = threading.Lock()
        self.listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(brokers)]
        self.addresses = ["%s:%d" % listener.getsockname() for listener in self.listeners]
        for number, listener in enumerate(self.listeners):
            threading.Thread(target=self._accept, args=(number, listener), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self.listeners:
            listener.close()

    def move(self):
        with self.lock:
            self.end = (int(time.time() * 1000) - self.begun) // 1000
            self.answers = {}

    def of(self, group):
        """(topic, its partitions) that the group with this number reads."""
        topic = group % len(self.topics)
        first = group // len(self.topics) * self.width % self.partitions
        return topic, [(first + i) % self.partitions for i in range(self.width)]

    def _accept(self, broker, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(broker, connection), daemon=True).start()

    def _serve(self, broker, connection):
        with connection:
            while request := read_frame(connection):
                head = Cursor(request)
                key, version, correlation = head.number(2), head.number(2), head.take(4)
                head.short()
                self.requests[key] += 1
                assert version == VERSIONS[key], f"API {key} is asked for in version {version}"
                try:
                    connection.sendall(self._answer(broker, key, correlation, request[head.at + 1:]))
                except OSError:
                    return

    def _answer(self, broker, key, correlation, body):
        with self.lock:
            known = self.answers.get((broker, key, body))
            if known is None:
                known = b"".join(self._make(broker, key, body))
                self.answers[broker, key, body] = known
        header = correlation + (b"" if key == API_VERSIONS else TAGS)
        return (len(header) + len(known)).to_bytes(4, "big") + header + known

    def _make(self, broker, key, body):
        asked = Cursor(body)
        if key == API_VERSIONS:
            return i16(0), array(i16(k) + i16(v) + i16(v) + TAGS for k, v in VERSIONS.items()), i32(0), TAGS
        if key == METADATA:
            return (i32(0), array(self._broker(number) for number in range(len(self.listeners))), NULL, i32(0),
                    array(self._topic(name, number) for name, number in self.topics.items()), TAGS)
        if key == LIST_GROUPS:
            mine = self.groups[broker::len(self.listeners)]
            return i32(0), i16(0), array(text(name) + text("consumer") + text("Empty") + text("classic") + TAGS
                                         for name in mine), TAGS
        if key == OFFSET_FETCH:
            groups = []
            for _ in range(asked.varint() - 1):
                groups.append(asked.text())
                asked.take(7)  # no member, no epoch, all topics, no tags
            return i32(0), array(self._commits(name) for name in groups), TAGS
        if key == DESCRIBE_GROUPS:
            return i32(0), array(i16(0) + text(name) + text("Empty") + text("consumer") + text("") + array([]) + i32(0)
                                 + TAGS for name in asked.texts()), TAGS
        if key == LIST_OFFSETS:
            asked.take(5)  # no replica, isolation
            return i32(0), array(self._found(asked) for _ in range(asked.varint() - 1)), TAGS
        if key == DESCRIBE_CONFIGS:
            return i32(0), array([]), TAGS
        if key == DESCRIBE_LOG_DIRS:
            return i32(0), i16(0), array([]), TAGS
        return i32(0), i16(0), NULL, array([]), TAGS  # REASSIGNMENTS

    def _broker(self, number):
        host, port = self.addresses[number].split(":")
        return i32(number) + text(host) + i32(int(port)) + NULL + TAGS

    def _topic(self, name, number):
        def partition(index):
            leader = i32((number + index) % len(self.listeners))
            replicas = array([leader])
            return i16(0) + i32(index) + leader + i32(0) + replicas + replicas + array([]) + TAGS
        uuid = number.to_bytes(16, "big")
        return i16(0) + text(name) + uuid + i8(0) + array(map(partition, range(self.partitions))) + i32(0) + TAGS

    def _commits(self, name):
        number = int(name.rsplit("-", 1)[1])
        topic, partitions = self.of(number)
        tail = i64(self.end - (self.lag if number % self.behind == 0 else 0)) + i32(-1) + text("") + i16(0) + TAGS
        commits = array(i32(index) + tail for index in partitions)
        return text(name) + array([text(f"topic-{topic:05}") + commits + TAGS]) + i16(0) + TAGS

    def _found(self, asked):
        name, out = asked.text(), []
        for _ in range(asked.varint() - 1):
            index = asked.take(4)
            asked.take(4)  # any epoch
            time_asked = asked.number(8)
            asked.take(1)
            when, offset = -1, {LATEST: self.end, EARLIEST: 0}.get(time_asked)
            if offset is None:
                offset = max(-((self.begun - time_asked) // 1000), 0)
                offset = offset if offset < self.end else -1
                when = self.begun + offset * 1000 if offset >= 0 else -1
            out.append(index + i16(0) + i64(when) + i64(offset) + i32(0) + TAGS)
        asked.take(1)
        return text(name) + array(out) + TAGS
