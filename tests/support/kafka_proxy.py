# SPDX-License-Identifier: Apache-2.0
"""Stands before a broker and counts who asks it for what.

    with KafkaProxy() as proxy, Kafka(properties=proxy.advertised) as kafka:
        proxy.target = kafka.ports["plain"]
        ...
        proxy.requests      # {(client id, API key): how many}

The broker names the proxy's address to its clients, so none goes past it."""

import collections
import socket
import threading

from kafka_wire import Cursor, frame, read_frame


class KafkaProxy:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.advertised = {"advertised.listeners": f"PLAIN://{self.address}"}
        self.target = None
        self.requests = collections.Counter()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def of(self, client):
        """How many requests a client has sent, of any kind; its id begins so."""
        return sum(count for (name, _), count in list(self.requests.items()) if name.startswith(client))

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._requests, args=(client, broker), daemon=True).start()
            threading.Thread(target=self._answers, args=(broker, client), daemon=True).start()

    def _requests(self, client, broker):
        try:
            while request := read_frame(client):
                head = Cursor(request)
                key = head.number(2)
                head.take(6)
                size = head.number(2)
                self.requests[head.take(max(size, 0)).decode(), key] += 1
                broker.sendall(frame(request))
        except OSError:
            pass
        self._end(client, broker)

    def _answers(self, broker, client):
        try:
            while part := broker.recv(1 << 18):
                client.sendall(part)
        except OSError:
            pass
        self._end(client, broker)

    @staticmethod
    def _end(*sockets):
        for end in sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other thread was first
            end.close()
