# SPDX-License-Identifier: Apache-2.0
"""A gRPC server on a Unix socket for one method without arguments, by HTTP/2 frames alone: so little
of it that it can do wrong whatever a test wants. Whatever is called, it answers the same."""

import socket
import struct
import threading

DATA, HEADERS, RESET, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_BYTES = 16_384


def varint(number):
    out = b""
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def field(tag, content):
    """A length-delimited protobuf field."""
    content = content.encode() if isinstance(content, str) else content
    return varint(tag << 3 | 2) + varint(len(content)) + content


def header(name, value):
    """HPACK: a literal that goes into no table."""
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


class GrpcFake:
    """`answer`: a message; a pair (gRPC status, text); or a function that gets the open socket."""

    def __init__(self, path, answer=b""):
        self.path, self.answer, self.calls = str(path), answer, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            with peer, peer.makefile("rb") as stream:
                if stream.read(len(PREFACE)) != PREFACE:
                    return
                self._connection(peer, stream)
        except (OSError, struct.error):
            pass  # the client has gone

    def _connection(self, peer, stream):
        send(peer, SETTINGS, 0, 0)
        window = Window()
        while True:
            kind, flags, number, payload = read_frame(stream)
            window.take(peer, kind, flags, number, payload)
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                self.calls += 1
                if callable(self.answer):
                    self.answer(peer)
                    return
                self._reply(peer, stream, window, number)

    def _reply(self, peer, stream, window, number):
        status, text = self.answer if isinstance(self.answer, tuple) else (0, "")
        send(peer, HEADERS, END_HEADERS, number, b"\x88" + header("content-type", "application/grpc"))
        if status == 0:
            left = struct.pack(">BI", 0, len(self.answer)) + self.answer
            while left:
                room = min(FRAME_BYTES, window.room(number))
                if room <= 0:
                    window.take(peer, *read_frame(stream))
                    continue
                send(peer, DATA, 0, number, left[:room])
                window.use(number, len(left[:room]))
                left = left[room:]
        send(peer, HEADERS, END_HEADERS | END_STREAM, number,
             header("grpc-status", str(status)) + header("grpc-message", text))


class Window:
    """How much the client lets us send, of all streams and of each."""

    def __init__(self):
        self.initial, self.whole, self.streams = 65_535, 65_535, {}

    def take(self, peer, kind, flags, number, payload):
        if kind == SETTINGS and not flags & ACK:
            for i in range(0, len(payload), 6):
                key, value = struct.unpack(">HI", payload[i:i + 6])
                self.initial = value if key == 4 else self.initial
            send(peer, SETTINGS, ACK, 0)
        elif kind == PING and not flags & ACK:
            send(peer, PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE:
            gain = struct.unpack(">I", payload)[0]
            if number == 0:
                self.whole += gain
            else:
                self.streams[number] = self.streams.get(number, 0) + gain

    def room(self, number):
        return min(self.whole, self.initial + self.streams.get(number, 0))

    def use(self, number, count):
        self.whole -= count
        self.streams[number] = self.streams.get(number, 0) - count


def send(peer, kind, flags, number, payload=b""):
    peer.sendall(struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, number) + payload)


def read_frame(stream):
    head = stream.read(9)
    length = int.from_bytes(head[:3], "big")
    kind, flags, number = struct.unpack(">BBI", head[3:])
    return kind, flags, number, stream.read(length)
