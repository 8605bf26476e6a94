# SPDX-License-Identifier: Apache-2.0
"""The ladder of who names pods: the pods API, the kubelet's /pods, a file. Each that fails is one
warning and the next one is asked; the first that is well again is the one that counts. A kubelet is
asked with a token that may change, and only one whose certificate is trusted."""

import json
import os
import tempfile
import unittest
from pathlib import Path

from faults_test import FakeKubelet, pod, value
from grpc_fake import GrpcFake, field
from pki import Authority
from servers import Agent, wait_until

PODS_API, KUBELET, FILE = "the pods API", "the kubelet", "the file"


def pods_message(count):
    return b"".join(field(1, field(1, field(1, f"pod-{i}") + field(3, "load") + field(5, f"uid-{i}")))
                    for i in range(count))


class Ladder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="plumbline-ladder-")))
        self.kubelet = FakeKubelet()
        self.addCleanup(self.kubelet.server.shutdown)
        self.pods_api = GrpcFake(self.folder / "pods.sock", pods_message(3))
        self.addCleanup(self.pods_api.close)
        self.file = self.folder / "pods.yaml"
        self.file.write_text("pods: []")

    def start(self, **identity):
        agent = self.enterContext(Agent({"identity": {"period": "1s", "pods_api_socket": self.pods_api.path,
                                                      "kubelet": {"url": self.kubelet.url}, "file": str(self.file),
                                                      **identity}}))
        agent.wait_collecting()
        return agent

    def warnings(self, agent, source):
        return [line for line in agent.log().splitlines() if f"no pods from {source}" in line]

    def named_by(self, agent, source):
        told = [line for line in agent.log().splitlines() if "pods are named by" in line]
        return bool(told) and source in told[-1]

    def test_each_step_stands_in_for_the_one_above(self):
        self.kubelet.answer = (200, json.dumps({"items": [pod(1), pod(2)]}))
        self.file.write_text("pods: [{uid: u-1, namespace: data, name: loader}]")
        agent = self.start()
        wait_until("the pods API names pods", lambda: value(agent, "plumbline_identity_pods") == 3)
        self.assertEqual(self.kubelet.requests, 0)
        self.pods_api.answer = (14, "going away")
        wait_until("the kubelet names pods", lambda: self.named_by(agent, KUBELET))
        self.kubelet.answer = (500, "oops")
        wait_until("the file names pods", lambda: self.named_by(agent, FILE))
        for source in (PODS_API, KUBELET):
            self.assertEqual(len(self.warnings(agent, source)), 1, agent.log())
        self.pods_api.answer = pods_message(3)
        wait_until("the pods API names pods again", lambda: self.named_by(agent, PODS_API))

    def test_a_pods_api_that_fails_in_every_way(self):
        agent = self.start(source="pods_api")
        wait_until("it is known", lambda: value(agent, "plumbline_identity_pods") == 3)
        for answer, words in (((7, "not for you"), "not for you"), ((12, "what?"), ""), ((13, "broken"), "broken"),
                              (b"\x0a\x7f\xff", "not a protobuf message"), (lambda peer: None, ""),
                              (lambda peer: peer.sendall(b"\xff\x00" * 2048), "")):
            told = len(self.warnings(agent, PODS_API))
            self.pods_api.answer = answer
            wait_until("a warning", lambda: len(self.warnings(agent, PODS_API)) > told)
            self.assertIn(words, self.warnings(agent, PODS_API)[-1])
            answered = value(agent, 'plumbline_identity_answers_total{outcome="success"}')
            self.pods_api.answer = pods_message(3)
            wait_until("it recovers", lambda: value(agent, 'plumbline_identity_answers_total{outcome="success"}')
                       > answered)

    def test_a_file_is_read_again_and_its_faults_have_a_place(self):
        self.file.write_text("pods:\n  - {uid: u-1, namespace: data, name: loader, coluor: red}\n")
        agent = self.start(source="file")
        wait_until("a warning", lambda: self.warnings(agent, FILE))
        self.assertIn(f"{self.file}:2:", self.warnings(agent, FILE)[0])
        self.assertIn("unknown key", self.warnings(agent, FILE)[0])
        self.file.write_text("pods: [{uid: u-1, namespace: data, name: loader}]")
        wait_until("it is read", lambda: value(agent, "plumbline_identity_pods") == 1)


class Trust(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="plumbline-trust-")))
        self.authority = Authority(self.folder)
        self.kubelet = FakeKubelet(self.authority.issue("kubelet"))
        self.addCleanup(self.kubelet.server.shutdown)
        self.token = self.folder / "token"
        self.tokens = []
        self.wanted = "first"
        self.kubelet.answer = self.answer
        self.write("first")

    def write(self, token):
        """As the kubelet does it for its pods: another file in its place."""
        new = self.folder / "token.new"
        new.write_text(token + "\n")
        os.replace(new, self.token)

    def answer(self, handler):
        self.tokens.append(handler.headers["Authorization"])
        good = self.tokens[-1] == f"Bearer {self.wanted}"
        body = json.dumps({"items": [pod(1)]}).encode() if good else b"Unauthorized"
        handler.send_response(200 if good else 401)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def start(self, authority):
        agent = self.enterContext(Agent({"identity": {"source": "kubelet", "period": "1s", "kubelet": {
            "url": self.kubelet.url, "ca_file": str(authority.certificate), "token_file": str(self.token)}}}))
        agent.wait_collecting()
        return agent

    def test_a_token_is_read_again_for_each_question(self):
        agent = self.start(self.authority)
        wait_until("the pod is known", lambda: value(agent, "plumbline_identity_pods") == 1)
        self.write("second")
        wait_until("the new one is sent", lambda: self.tokens[-1] == "Bearer second")
        wait_until("a warning", lambda: "the token is not valid for the kubelet" in agent.log())
        self.wanted = "second"
        answered = value(agent, 'plumbline_identity_answers_total{outcome="success"}')
        wait_until("it is taken",
                   lambda: value(agent, 'plumbline_identity_answers_total{outcome="success"}') > answered)

    def test_a_kubelet_of_another_authority_gets_no_token(self):
        agent = self.start(Authority(self.folder, "other"))
        wait_until("a warning", lambda: "identity.kubelet.ca_file" in agent.log())
        self.assertEqual(self.tokens, [])


if __name__ == "__main__":
    unittest.main()
