# SPDX-License-Identifier: Apache-2.0
"""A kubelet that refuses, breaks, answers nonsense, slowly or with 10,000 pods: one clear warning,
an agent that goes on, and the names back when it is well."""

import http.server
import json
import ssl
import threading
import time
import unittest

from servers import Agent, wait_until


def pod(number, **labels):
    return {"metadata": {"uid": f"0000{number:04d}-0000-4000-8000-000000000000", "name": f"pod-{number}",
                         "namespace": "load", "labels": labels},
            "status": {"phase": "Running", "containerStatuses": [
                {"name": "main", "image": "app:1", "containerID": f"containerd://{number:064x}",
                 "restartCount": 0, "ready": True, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}


class FakeKubelet:
    """Answers GET /pods as `answer` says: (status, body) or a function that gets the handler. Over TLS
    with a certificate and key."""

    def __init__(self, certificate=None):
        self.answer = (200, json.dumps({"items": []}))
        self.requests = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                if callable(outer.answer):
                    outer.answer(self)
                    return
                status, body = outer.answer
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_port}"


def value(agent, name):
    for line in agent.get("/metrics").splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return None


class Faults(unittest.TestCase):
    def setUp(self):
        self.kubelet = FakeKubelet()
        self.addCleanup(self.kubelet.server.shutdown)

    def start(self):
        agent = self.enterContext(Agent({"identity": {"source": "kubelet", "period": "1s",
                                                      "teams": ["label:team"],
                                                      "kubelet": {"url": self.kubelet.url}}}))
        agent.wait_collecting()
        return agent

    def warnings(self, agent):
        return [line for line in agent.log().splitlines() if "no pods from the kubelet" in line]

    def expect_warning(self, answer, *words):
        self.kubelet.answer = answer
        agent = self.start()
        wait_until("a warning", lambda: self.warnings(agent))
        wait_until("it asks again", lambda: self.kubelet.requests >= 3)
        self.assertEqual(len(self.warnings(agent)), 1, self.warnings(agent))
        for word in words:
            self.assertIn(word, self.warnings(agent)[0])
        self.kubelet.answer = (200, json.dumps({"items": [pod(1)]}))
        wait_until("it recovers", lambda: value(agent, "plumbline_identity_pods") == 1)

    def test_forbidden(self):
        self.expect_warning((403, "Forbidden"), "403", "nodes/pods")

    def test_internal_error(self):
        self.expect_warning((500, "oops"), "500")

    def test_garbage(self):
        self.expect_warning((200, b"\x00\xff{[nonsense"), "not JSON")

    def test_nested_without_end(self):
        self.expect_warning((200, '{"items":' + "[" * 100_000 + "]" * 100_000 + "}"), "nested")

    def test_an_answer_that_breaks_off(self):
        def break_off(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"items": [')
            handler.close_connection = True
        self.expect_warning(break_off, "broke off")

    def test_a_slow_one_holds_up_nobody(self):
        def crawl(handler):
            handler.send_response(200)
            handler.end_headers()
            try:
                while True:
                    handler.wfile.write(b" ")
                    time.sleep(0.2)
            except OSError:
                pass
        self.kubelet.answer = crawl
        agent = self.start()
        begin = time.monotonic()
        agent.get("/metrics")
        self.assertLess(time.monotonic() - begin, 5)
        wait_until("a warning", lambda: self.warnings(agent))
        self.assertIn("in time", self.warnings(agent)[0])

    def test_hostile_labels_are_mended_and_counted(self):
        nasty = pod(1, team="a\nb\u0000", other="x" * 65536)
        nasty["metadata"]["name"] = "pod\u007f1"
        body = json.dumps({"items": [nasty]}).encode().replace(b"load", b"lo\xffad")
        self.kubelet.answer = (200, body)
        agent = self.start()
        wait_until("the pod is known", lambda: value(agent, "plumbline_identity_pods") == 1)
        self.assertGreaterEqual(value(agent, "plumbline_identity_mended"), 2)
        self.assertIn('k8s_pod_name="pod\ufffd1"', agent.get("/metrics"))

    def test_ten_thousand_pods(self):
        self.kubelet.answer = (200, json.dumps({"items": [pod(i, team="a") for i in range(10_000)]}))
        agent = self.start()
        wait_until("all are known", lambda: value(agent, "plumbline_identity_pods") == 10_000)
        self.assertEqual(self.warnings(agent), [])


if __name__ == "__main__":
    unittest.main()
