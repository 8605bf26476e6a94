# SPDX-License-Identifier: Apache-2.0
"""The agent as an operator meets it: reload, stop, a dead destination, a port that is taken."""

import re
import signal
import subprocess
import unittest

import otlp_json
from servers import PROGRAM, Agent, Collector, free_port, http_get, wait_until


def names_of(requests):
    return {metric["name"] for metric in otlp_json.metrics(requests)}


class Reload(unittest.TestCase):
    def test_a_good_file_takes_effect_and_counters_go_on(self):
        with Collector() as collector, Agent() as agent:
            agent.wait_collecting()
            before = agent.get("/metrics")
            self.assertIn("system_cpu_time_seconds_total", before)
            agent.configure({"otlp": [{"endpoint": collector.endpoint("grpc")}],
                             "collectors": {"node": {"period": "500ms"}}})
            agent.process.send_signal(signal.SIGHUP)
            requests = collector.wait_requests(2)
            self.assertIn("system.cpu.time", names_of(requests))
            self.assertTrue(agent.running())

    def test_a_bad_file_is_refused_with_its_place_and_the_old_one_goes_on(self):
        with Collector() as collector:
            settings = {"otlp": [{"endpoint": collector.endpoint("http")}]}
            with Agent(settings) as agent:
                agent.wait_collecting()
                collector.wait_requests(1)
                agent.file.write_text("otlp:\n  - endpoit: grpc://127.0.0.1:4317\n")
                agent.process.send_signal(signal.SIGHUP)
                agent.wait_ready(lambda: "plumbline.yaml:2:" in agent.log())
                self.assertIn("endpoint", agent.log())
                count = len(collector.requests())
                collector.wait_requests(count + 2)
                self.assertTrue(agent.running())


class Stop(unittest.TestCase):
    def test_sigterm_delivers_what_is_left(self):
        with Collector() as collector, Agent({"export": {"interval": "1h"},
                                              "otlp": [{"endpoint": collector.endpoint("grpc")}]}) as agent:
            agent.wait_collecting()
            self.assertEqual(collector.requests(), [])
            self.assertEqual(agent.stop(), 0)
            requests = collector.wait_requests(1)
            self.assertIn("system.cpu.time", names_of(requests))
            self.assertNotIn("not delivered", agent.log())

    def test_sigterm_says_what_nobody_took(self):
        dead = free_port()
        with Agent({"otlp": [{"endpoint": f"grpc://127.0.0.1:{dead}"}], "journal": {"enabled": False},
                    "shutdown": {"timeout": "1s"}}) as agent:
            agent.wait_collecting()
            agent.wait_ready(lambda: agent.get_json("/api/v1/status")["destinations"][0]["state"] == "down")
            self.assertEqual(agent.stop(), 0)
            left = re.search(r"(\d+) (?:points|items)[^\n]* were not delivered", agent.log())
            self.assertTrue(left and int(left.group(1)) > 100, agent.log()[-2000:])

    def test_sigint_is_a_stop_too(self):
        with Agent() as agent:
            agent.wait_collecting()
            self.assertEqual(agent.stop(signal.SIGINT), 0)


class Destinations(unittest.TestCase):
    def test_a_dead_one_does_not_hold_up_the_others(self):
        dead = free_port()
        with Collector() as collector, Agent({"otlp": [
                {"endpoint": f"http://127.0.0.1:{dead}", "timeout": "1s"},
                {"endpoint": collector.endpoint("http")}]}) as agent:
            agent.wait_collecting()
            collector.wait_requests(4)

            def states():
                found = {d["name"]: d["state"] for d in agent.get_json("/api/v1/status")["destinations"]}
                return sorted(found.values()) == ["down", "up"] and found
            agent.wait_ready(states)

    def test_one_that_comes_late_gets_what_waited(self):
        with Collector() as collector:
            collector.stop()
            with Agent({"otlp": [{"endpoint": collector.endpoint("grpc")}]}) as agent:
                agent.wait_collecting()
                agent.wait_ready(lambda: agent.get_json("/api/v1/status")["destinations"][0]["state"] == "down")
                agent.wait_ready(lambda: agent.get_json("/api/v1/status")["destinations"][0]
                                 .get("ledger", {}).get("metrics", {}).get("queued", 0) > 0)
                collector.begin()
                collector.wait_requests(1)

                def caught_up():
                    ledger = agent.get_json("/api/v1/status")["destinations"][0]["ledger"]["metrics"]
                    return ledger["delivered"] and ledger["dropped"] == 0 and ledger["rejected"] == 0
                agent.wait_ready(caught_up)


class Start(unittest.TestCase):
    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)

    def test_a_port_that_is_taken_is_said_in_a_sentence(self):
        with Agent() as agent:
            address = re.search(r"http://([^/]+)/", agent.url("/")).group(1)
            second = self.run_program("run", "--listen", address, "--state-dir", str(agent.path / "second"))
            self.assertEqual(second.returncode, 1, second.stderr)
            self.assertIn(address.split(":")[1], second.stderr)

    def test_bad_input_ends_with_2(self):
        second = self.run_program("run", "--listen", "nowhere")
        self.assertEqual(second.returncode, 2, second.stderr)

    def test_no_file_at_all_does_the_useful_thing(self):
        with Agent() as agent:
            agent.stop()
            port = free_port()
            agent.start([PROGRAM, "run", "--listen", f"127.0.0.1:{port}", "--state-dir", agent.path / "state"])
            wait_until("ready", lambda: http_get(f"http://127.0.0.1:{port}/readyz")[0] == 200)
            status, body = http_get(f"http://127.0.0.1:{port}/metrics")
            self.assertEqual(status, 200)
            self.assertIn("system_cpu_time_seconds_total", body)


if __name__ == "__main__":
    unittest.main()
