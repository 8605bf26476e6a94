# SPDX-License-Identifier: Apache-2.0
"""`plumbline replay` from a journal that the library wrote into a real OpenTelemetry Collector, whose
file is read back and compared point by point."""

import http.server
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from journals import Written, at, between, plumbline, points, read_lines
from servers import PROGRAM, Agent, Collector, free_port, wait_until

NAMES = ("grpc", "http", "seconds", "range", "first-half", "paced", "bundle", "late", "zstd")


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.journal = cls.enterClassContext(Written(seconds=180))
        cls.collector = cls.enterClassContext(Collector(NAMES))
        cls.on = ("--journal", cls.journal.path)

    def replay(self, *arguments, code=0):
        done = plumbline("replay", *self.on, *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def received(self, name, count):
        """The points that came in, once there are `count` of them."""
        return wait_until(f"{count} points for {name}", lambda: (
            lambda found: found if len(found) >= count else None)(points(self.collector.requests(name))))

    def test_every_point_arrives_over_grpc_and_http(self):
        expected = points(self.journal.expected("export"))
        for protocol in ("grpc", "http"):
            with self.subTest(protocol):
                done = self.replay("--target", self.collector.endpoint(protocol, protocol), "-o", "json")
                told = json.loads(done.stdout)
                self.assertEqual((told["delivered"], told["rejected"], told["dropped"]), (len(expected), 0, 0))
                self.assertTrue(told["complete"])
                self.assertEqual(self.received(protocol, len(expected)), expected)

    def test_every_second_can_be_sent(self):
        expected = points(self.journal.expected("1s"))
        self.replay("--target", self.collector.endpoint("grpc", "seconds"), "--stream", "1s",
                    "--max-request", "64KiB")
        self.assertEqual(self.received("seconds", len(expected)), expected)
        self.assertGreater(len(self.collector.requests("seconds")), 5, "merged up to a size, no more")

    def test_a_range_of_named_metrics(self):
        expected = [point for point in between(points(self.journal.expected("export")), 60, 120)
                    if point[0] == "test.counter"]
        self.replay("--target", self.collector.endpoint("http", "range"), "--from", at(60), "--to", at(120),
                    "--metric", "test.c*")
        self.assertEqual(self.received("range", len(expected)), expected)

    def test_it_says_when_another_record_goes_further_back(self):
        path = self.journal.file("young.db")
        shutil.copy(self.journal.path, path)
        with sqlite3.connect(path) as database:
            database.execute("DELETE FROM batches WHERE stream = 1 AND chain IN (SELECT DISTINCT chain "
                             "FROM batches WHERE stream = 1 ORDER BY chain LIMIT 2)")
        database.close()
        done = plumbline("journal", "dump", "--journal", path, "-o", "csv")
        self.assertEqual(done.stderr, "plumbline: the 1s record begins at 2023-11-14T22:15:20Z; --stream export "
                                      "goes back to 2023-11-14T22:13:29Z\n")

    def test_compression_and_headers_are_the_targets(self):
        expected = points(self.journal.expected("export"))
        self.replay("--target", self.collector.endpoint("grpc", "zstd"), "--compression", "zstd",
                    "--header", "x-tenant: blue")
        self.assertEqual(self.received("zstd", len(expected)), expected)

    def test_a_bundle_is_replayed_like_a_journal(self):
        bundle = self.journal.file("replay.bundle")
        self.assertEqual(plumbline("journal", "export", *self.on, "--bundle", bundle,
                                   "--from", at(30), "--to", at(90)).returncode, 0)
        done = plumbline("replay", "--journal", bundle, "--target", self.collector.endpoint("grpc", "bundle"))
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = between(points(self.journal.expected("export")), 30, 90)
        self.assertEqual(self.received("bundle", len(expected)), expected)

    def test_an_interrupted_one_says_where_to_go_on_and_nothing_is_missing(self):
        target = self.collector.endpoint("grpc", "first-half")
        with subprocess.Popen([PROGRAM, "replay", *self.on, "--stream", "1s", "--speed", "20x", "--target", target],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            wait_until("something arrived", lambda: self.collector.requests("first-half"))
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 1, said)
        go_on = re.search(r"plumbline: interrupted; go on with --from (\S+Z)", said)
        self.assertTrue(go_on, said)
        expected = points(self.journal.expected("1s"))
        before = points(self.collector.requests("first-half"))
        self.assertLess(len(before), len(expected))
        self.replay("--stream", "1s", "--target", target, "--from", go_on.group(1))
        after = self.received("first-half", len(expected))
        self.assertEqual(sorted(set(after)), expected)
        # At most what the request under way held is there twice.
        self.assertLess(len(after), len(expected) + 60 * 60)

    def test_speed_is_kept(self):
        begun = time.monotonic()
        self.replay("--target", self.collector.endpoint("http", "paced"), "--stream", "1s", "--speed", "20x",
                    "--from", at(0), "--to", at(61))
        passed = time.monotonic() - begun
        self.assertGreaterEqual(passed, 3.0)
        self.assertLess(passed, 30.0)
        self.received("paced", 61 * 60)

    def test_a_receiver_that_comes_late_gets_everything(self):
        collector = Collector(("late",))
        with collector:
            port = collector.ports["late"]["grpc"]
            collector.stop()
            with subprocess.Popen([PROGRAM, "replay", *self.on, "--target", f"grpc://127.0.0.1:{port}"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
                self.assertIn("does not take data, it is kept and tried again", running.stderr.readline())
                collector.begin()
                _, said = running.communicate(timeout=90)
            self.assertEqual(running.returncode, 0, said)
            expected = points(self.journal.expected("export"))
            found = wait_until("all of it", lambda: (
                lambda now: now if len(now) >= len(expected) else None)(points(collector.requests("late"))))
            self.assertEqual(found, expected)

    def test_it_gives_up_on_nobody_after_a_while(self):
        done = self.replay("--target", f"http://127.0.0.1:{free_port()}", "--give-up-after", "1s", code=1)
        self.assertRegex(done.stderr, r"plumbline: gave up on otlp:\S+: .*refused.*; go on with --from "
                                      r"2023-11-14T22:13:22Z\n$")

    def test_progress_goes_line_by_line_where_there_is_no_terminal(self):
        done = self.replay("--target", f"http://127.0.0.1:{free_port()}", "--give-up-after", "6s", code=1)
        self.assertRegex(done.stderr, r"(?m)^replay: 0 %, 0 of \d+ items$")

    def test_progress_writes_over_itself_on_a_terminal(self):
        own, other = os.openpty()
        with subprocess.Popen([PROGRAM, "replay", *self.on, "--stream", "1s", "--speed", "60x", "--target",
                               self.collector.endpoint("http", "late")],
                              stdout=subprocess.DEVNULL, stderr=other) as running:
            os.close(other)
            shown = b""
            while True:
                try:
                    some = os.read(own, 4096)
                except OSError:  # the other end is closed
                    break
                shown += some
            os.close(own)
        self.assertEqual(running.returncode, 0)
        self.assertRegex(shown.decode(), r"\r\x1b\[Kreplay: \d+ %, \d+ of \d+ items, \d+ a second, \w+ left")
        self.assertTrue(shown.endswith(b"\r\x1b[K"), "nothing stays")


class BesideAnAgent(unittest.TestCase):
    def test_what_a_running_agent_has_kept_is_sent_again(self):
        with Collector() as collector, Agent({"otlp": [{"endpoint": f"http://127.0.0.1:{free_port()}"}]}) as agent:
            agent.wait_collecting()
            on = ("--state-dir", agent.path)

            def kept():
                told = plumbline("journal", "stats", *on, "-o", "json")
                if told.returncode != 0:
                    return None
                told = json.loads(told.stdout)
                streams = {stream["stream"]: stream["batches"] for stream in told["streams"]}
                return told if min(streams.get("1s", 0), streams.get("export", 0)) >= 5 else None
            told = wait_until("the agent has kept some seconds", kept)
            self.assertGreater(told["destinations"][0]["ledger"]["metrics"]["queued"], 0)
            self.assertGreater(told["destinations"][0]["lag_seconds"], 0)
            to = ("--to", str(time.time() - 1))
            for command in (("verify",), ("vacuum",)):
                done = plumbline("journal", *command, *on)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            dumped = plumbline("journal", "dump", *on, *to, "--stream", "export")
            expected = points(read_lines(dumped.stdout))
            self.assertGreater(len(expected), 100)
            done = plumbline("replay", *on, *to, "--target", collector.endpoint("grpc"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(wait_until("all of it", lambda: (
                lambda now: now if len(now) >= len(expected) else None)(points(collector.requests()))), expected)
            self.assertTrue(agent.running())
            self.assertNotIn("error journal", agent.log())


class Answers(unittest.TestCase):
    """Receivers that refuse: what the counts and the exit code say."""

    @classmethod
    def setUpClass(cls):
        cls.journal = cls.enterClassContext(Written(seconds=60))
        cls.items = len(points(cls.journal.expected("export")))

    def against(self, status, body=b"", headers=()):
        """Replays into a server that always answers so; (what ended, the requests that came)."""
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                seen.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            return plumbline("replay", "--journal", self.journal.path, "-o", "json", "--give-up-after", "2s",
                             "--target", f"http://127.0.0.1:{server.server_port}"), seen
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def test_a_receiver_that_takes_everything(self):
        done, seen = self.against(200)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({path for path, _ in seen}, {"/v1/metrics"})
        self.assertEqual(json.loads(done.stdout)["delivered"], self.items)

    def test_partial_success_is_counted_and_a_finding(self):
        # partial_success {rejected_data_points: 5, error_message: "no"}
        done, seen = self.against(200, b"\x0a\x06\x08\x05\x12\x02no")
        self.assertEqual(done.returncode, 3, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["rejected"], 5 * len(seen))
        self.assertEqual(told["delivered"] + told["rejected"], self.items)
        self.assertIn("no", done.stderr)

    def test_what_is_refused_for_good_is_counted_and_not_sent_again(self):
        done, seen = self.against(400)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(len(set(seen)), len(seen))
        self.assertEqual(json.loads(done.stdout)["rejected"], self.items)

    def test_throttling_is_obeyed(self):
        done, seen = self.against(429, headers=[("Retry-After", "30")])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(seen), 1, "not again before the time it asked for")
        told = json.loads(done.stdout)
        self.assertEqual((told["delivered"], told["complete"]), (0, False))
        self.assertEqual(told["go_on_from"], "2023-11-14T22:13:22Z")


class Errors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.journal = cls.enterClassContext(Written(seconds=20, series=5))

    def refused(self, *arguments, code):
        done = plumbline("replay", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("plumbline: "), done.stderr)
        return done.stderr

    def test_each_is_told_before_anything_is_sent(self):
        on = ("--journal", self.journal.path)
        target = ("--target", f"http://127.0.0.1:{free_port()}")
        for expected, *words in (
                ("say where to, with --target URL", *on),
                ("\"noon\" is no time", *on, *target, "--from", "noon"),
                ("--speed: \"fast\" is no speed", *on, *target, "--speed", "fast"),
                ("--give-up-after: ", *on, *target, "--give-up-after", "5"),
                ("--header expects \"NAME: VALUE\"", *on, *target, "--header", "tenant"),
                ("--timeout", *on, *target, "--timeout", "soon"),
                ("--ca-file", *on, *target, "--ca-file", "/nonexistent"),
                ("ftp://x", *on, "--target", "ftp://x")):
            with self.subTest(expected):
                self.assertIn(expected, self.refused(*words, code=2))
        self.assertIn("there is no journal", self.refused("--journal", "/nonexistent", *target, code=1))
        self.assertIn("the journal holds nothing from 2023-11-14T22:14:20Z to the end; its export record goes "
                      "from 2023-11-14T22:13:29Z to 2023-11-14T22:13:39Z",
                      self.refused(*on, *target, "--from", at(60), code=1))
