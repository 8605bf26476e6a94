# SPDX-License-Identifier: Apache-2.0
"""The bytes of Kafka's protocol, as far as scripted brokers and clients of tests need them."""

import socket
import struct


def i8(value):
    return struct.pack(">b", value)


def i16(value):
    return struct.pack(">h", value)


def i32(value):
    return struct.pack(">i", value)


def i64(value):
    return struct.pack(">q", value)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value):
    """In the flexible encoding, as all below but `short`."""
    data = value.encode()
    return varint(len(data) + 1) + data


def short(value):
    """A string of the classic encoding."""
    data = value.encode()
    return i16(len(data)) + data


NULL = TAGS = varint(0)  # a string or array that is not there; no tagged fields


def array(items):
    items = list(items)
    return varint(len(items) + 1) + b"".join(items)


class Cursor:
    """Reads the fields of a request in order."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big", signed=True)

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self):
        return self.take(self.varint() - 1).decode()

    def short(self):
        return self.take(self.number(2)).decode()

    def nullable(self):
        size = self.number(2)
        return self.take(size).decode() if size >= 0 else None

    def texts(self):
        return [self.text() for _ in range(self.varint() - 1)]


def read_exactly(connection, size):
    """None when the other side is gone."""
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


def read_frame(connection):
    prefix = read_exactly(connection, 4)
    return prefix and read_exactly(connection, int.from_bytes(prefix, "big"))


def frame(body):
    return len(body).to_bytes(4, "big") + body


class Client:
    """Asks one broker one thing after the other."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.connection = socket.create_connection((host, int(port)))
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, key, version, body):
        """In the classic encoding."""
        self.asked += 1
        self.connection.sendall(frame(i16(key) + i16(version) + i32(self.asked) + short("test") + body))
        answer = Cursor(read_frame(self.connection))
        assert answer.number(4) == self.asked
        return answer

    def ask_flexible(self, key, version, body):
        answer = self.ask(key, version, TAGS + body)
        answer.take(1)  # no tagged fields
        return answer

    def beat_of_streams(self, group, member, epoch, topic):
        """The epoch after a heartbeat of the only member of a streams group that reads `topic` and writes none."""
        nothing = array([])
        topology = i8(1) + i32(0) + array([text("0") + array([text(topic)]) + 5 * nothing + TAGS]) + TAGS
        body = text(group) + text(member) + i32(epoch) + i32(-1) + NULL + NULL + i32(45_000 if epoch == 0 else -1)
        body += topology if epoch == 0 else i8(-1)
        body += 3 * (nothing if epoch == 0 else NULL) + (text("process") if epoch == 0 else NULL)
        answer = self.ask_flexible(88, 0, body + i8(-1) + 3 * NULL + i8(0) + TAGS)
        answer.number(4)
        error = answer.number(2)
        size = answer.varint()
        reason = answer.take(max(size - 1, 0))
        assert error == 0, f"heartbeat of {group}: error {error}: {reason}"
        answer.text()
        return answer.number(4)

    def commit_as_member(self, group, member, epoch, topic, offsets):
        partitions = array(i32(partition) + i64(offset) + i32(-1) + NULL + TAGS for partition, offset in offsets.items())
        answer = self.ask_flexible(8, 9, text(group) + i32(epoch) + text(member) + NULL
                                   + array([text(topic) + partitions + TAGS]) + TAGS)
        answer.number(4)
        answer.varint(), answer.text(), answer.varint()
        for _ in offsets:
            partition, error = answer.number(4), answer.number(2)
            answer.take(1)
            assert error == 0, f"commit of {group} on partition {partition}: error {error}"

    def create_topics(self, names, partitions):
        """Much faster than one run of Kafka's own tool for each."""
        body = i32(len(names)) + b"".join(short(name) + i32(partitions) + i16(1) + i32(0) + i32(0) for name in names)
        answer = self.ask(19, 2, body + i32(30_000) + i8(0))
        answer.number(4)
        for _ in range(answer.number(4)):
            name, error, _ = answer.short(), answer.number(2), answer.nullable()
            assert error == 0, f"creating {name}: error {error}"

    def commit(self, group, topics):
        """For a group without members. `topics`: {topic: {partition: offset}}."""
        body = short(group) + i32(-1) + short("") + i64(-1) + i32(len(topics))
        for topic, partitions in topics.items():
            body += short(topic) + i32(len(partitions))
            body += b"".join(i32(partition) + i64(offset) + short("") for partition, offset in partitions.items())
        answer = self.ask(8, 2, body)
        for _ in range(answer.number(4)):
            answer.short()
            for _ in range(answer.number(4)):
                partition, error = answer.number(4), answer.number(2)
                assert error == 0, f"commit of {group} on partition {partition}: error {error}"

    def committed(self, group):
        """{(topic, partition): offset}: one group a request, as most programs ask."""
        answer = self.ask(9, 5, short(group) + i32(-1))
        answer.number(4)
        found = {}
        for _ in range(answer.number(4)):
            topic = answer.short()
            for _ in range(answer.number(4)):
                partition = answer.number(4)
                found[topic, partition] = answer.number(8)
                answer.number(4), answer.nullable(), answer.number(2)
        return found
