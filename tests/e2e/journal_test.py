# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost: the agent, its journal and a real Collector. Every export bears a number, so that
a gap in what the Collector wrote is a loss and a number seen twice is a repetition.

PLUMBLINE_KILLS and PLUMBLINE_OUTAGE_SECONDS make the two long tests longer than CI has time for."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
import unittest

import otlp_json
from servers import PROGRAM, Agent, Collector, free_port, wait_until

KILLS = int(os.environ.get("PLUMBLINE_KILLS", "25"))
OUTAGE_SECONDS = int(os.environ.get("PLUMBLINE_OUTAGE_SECONDS", "40"))


def numbers(requests):
    """The numbers of the exports in `requests`, in the order in which they came."""
    return [int(point["asDouble"]) for metric in otlp_json.metrics(requests)
            if metric["name"] == "plumbline.export.number" for point in otlp_json.points(metric)]


def ledger(agent, name=None):
    for destination in agent.get_json("/api/v1/status")["destinations"]:
        if name in (None, destination["name"]):
            return destination.get("ledger", {}).get("metrics")
    return None


def memory(pid, kind):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) * 1024 for line in rollup if line.startswith(f"{kind}:"))


def resident_bytes(pid):
    return memory(pid, "Rss")


def own_bytes(agent):
    """Without the pages of files, the program's own among them: the kernel brings and takes those
    as it likes."""
    return memory(agent.process.pid, "Anonymous")


class JournalAgent(Agent):
    """An agent that can be ended in any way and started again on the same journal."""

    def __init__(self, settings):
        super().__init__(settings)
        self.settings = settings

    def begin(self, settings=None):
        (self.path / "log").rename(self.path / f"log.{time.monotonic_ns()}")
        self.configure(settings or self.settings)
        self.start([PROGRAM, "run", "--config", self.file])

    @property
    def journal(self):
        return self.path / "journal.db"

    def committed(self):
        """The number of the last export that the journal holds; the agent may be dead or alive."""
        try:
            with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True) as database:
                row = database.execute("SELECT value FROM state WHERE key = 'exports'").fetchone()
        except sqlite3.OperationalError:  # not made yet
            return 0
        return int(row[0]) if row else 0

    def wait_delivered(self):
        """Until nothing waits; how many exports there were then."""
        def done():
            state = ledger(self)
            return state is not None and state["collected"] > 0 and state["queued"] == 0
        self.wait_ready(done)


# Few collectors: what is tested is the way, not what travels on it.
QUICK = {"collectors": {name: {"enabled": False} for name in
                        ("sched", "block", "tcp", "memory", "process", "irq", "hardware", "filesystem")}}


class Crashes(unittest.TestCase):
    def test_what_the_journal_has_arrives_after_any_number_of_kills(self):
        chance = random.Random(20261121)
        with Collector() as collector:
            settings = {**QUICK, "export": {"interval": "100ms"},
                        "otlp": [{"endpoint": collector.endpoint("grpc")}]}
            with JournalAgent(settings) as agent:
                acknowledged = 0
                for _ in range(KILLS):
                    agent.url("/")
                    time.sleep(chance.uniform(0.05, 1.2))
                    agent.process.kill()
                    agent.process.wait()
                    committed = agent.committed()
                    self.assertGreaterEqual(committed, acknowledged, "the journal forgot what it had")
                    acknowledged = committed
                    agent.begin()
                agent.wait_delivered()
                self.assertEqual(agent.stop(), 0)
                last = agent.committed()
                self.assertGreater(last, acknowledged)
                seen = collector.wait_ready(
                    lambda: (found := numbers(collector.requests())) and max(found) >= last and found)
                self.assertEqual(set(range(1, last + 1)) - set(seen), set(), "lost")
                repeated = len(seen) - len(set(seen))
                print(f"{KILLS} kills, {last} exports, none lost, {repeated} sent twice")
                # A kill can catch at most what one request carried; all of it is the same data.
                firsts = {}
                for metric in otlp_json.metrics(collector.requests()):
                    if metric["name"] != "plumbline.export.number":
                        continue
                    for point in otlp_json.points(metric):
                        same = firsts.setdefault(point["asDouble"], point)
                        self.assertEqual(same, point, "one number, two exports")


class Outage(unittest.TestCase):
    def test_a_backlog_is_delivered_in_order_and_memory_stays_flat(self):
        """Beside the same agent without an outage: an agent's memory grows at first, as its tables and
        the cache of the newest requests fill, and only what grows more than that is the outage's."""
        with Collector(("late", "live", "one", "two")) as collector:
            collector_is_back = collector.endpoint("grpc", "late")
            calm = {"export": {"interval": "500ms"}, "otlp": [
                {"name": "late", "endpoint": collector.endpoint("grpc", "one")},
                {"name": "live", "endpoint": collector.endpoint("http", "two")}]}
            settings = {**calm, "otlp": [
                {"name": "late", "endpoint": f"grpc://127.0.0.1:{free_port()}"},
                {"name": "live", "endpoint": collector.endpoint("http", "live")}]}
            with JournalAgent(settings) as agent, JournalAgent(calm) as control:
                agents = (agent, control)
                for each in agents:
                    each.wait_collecting()
                for each in agents:
                    # Within a second of being ready it gives back what loading BPF programs took.
                    first = each.committed()
                    each.wait_ready(lambda each=each, first=first: each.committed() >= first + 6)
                before = [own_bytes(each) for each in agents]
                time.sleep(OUTAGE_SECONDS)
                during = [own_bytes(each) for each in agents]
                backlog = ledger(agent, "late")["queued"]
                self.assertGreater(backlog, 0)
                self.assertEqual(ledger(agent, "late")["dropped"], 0)
                # The same destination at another address goes on where it was.
                settings["otlp"][0]["endpoint"] = collector_is_back
                agent.configure(settings)
                began = time.monotonic()
                agent.process.send_signal(signal.SIGHUP)
                catching_up = []

                def caught_up():
                    catching_up.append(own_bytes(agent))
                    return ledger(agent, "late")["queued"] < backlog / 50
                agent.wait_ready(caught_up)
                took = time.monotonic() - began
                after = own_bytes(control)
                resident = resident_bytes(control.process.pid)
                self.assertEqual(agent.stop(), 0)
                last = agent.committed()
                for name in ("late", "live"):
                    seen = collector.wait_ready(
                        lambda name=name: (found := numbers(collector.requests(name)))
                        and max(found) >= last and found)
                    self.assertEqual(seen, list(range(1, last + 1)), name)
                outage = (during[0] - before[0]) - (during[1] - before[1])
                recovery = (max(catching_up) - before[0]) - (after - before[1])
                print(f"outage of {OUTAGE_SECONDS} s, {backlog} items delivered in {took:.1f} s; of "
                      f"{resident / 2**20:.1f} MiB resident, the outage took {outage / 2**20:.1f} and "
                      f"catching up {recovery / 2**20:.1f}")
                self.assertLess(outage, resident / 10)
                self.assertLess(recovery, resident / 10)


class Restart(unittest.TestCase):
    def test_what_nobody_took_waits_for_the_next_start(self):
        with Collector() as collector:
            dead = {**QUICK, "otlp": [{"name": "a", "endpoint": f"http://127.0.0.1:{free_port()}"}],
                    "shutdown": {"timeout": "1s"}}
            with JournalAgent(dead) as agent:
                agent.wait_collecting()
                agent.wait_ready(lambda: agent.committed() >= 3)
                self.assertEqual(agent.stop(), 0)
                self.assertRegex(agent.log(), r"info delivery: a: \d+ items wait in the journal")
                first = agent.committed()
                agent.begin({**dead, "otlp": [{"name": "a", "endpoint": collector.endpoint("http")}]})
                agent.wait_delivered()
                seen = numbers(collector.wait_requests(1))
                self.assertEqual(seen[:first], list(range(1, first + 1)))

    def test_a_destination_that_is_gone_from_the_file_is_named(self):
        dead = {**QUICK, "otlp": [{"name": "old", "endpoint": f"http://127.0.0.1:{free_port()}"}],
                "shutdown": {"timeout": "1s"}}
        with JournalAgent(dead) as agent:
            agent.wait_ready(lambda: agent.journal.exists() and agent.committed() >= 1)
            agent.stop()
            agent.begin({**dead, "otlp": []})
            agent.url("/")
            self.assertRegex(agent.log(), r"\d+ items wait for old, which is not configured")

    def test_the_second_agent_is_told_who_holds_the_journal(self):
        with JournalAgent(QUICK) as agent:
            agent.url("/")
            second = subprocess.run([PROGRAM, "run", "--listen", "127.0.0.1:0", "--state-dir", agent.path],
                                    capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"in use by process {agent.process.pid} since", second.stderr)

    def test_without_a_place_for_it_the_agent_works_from_memory_and_says_so(self):
        with Collector() as collector:
            settings = {**QUICK, "state_dir": "/proc/nowhere",
                        "otlp": [{"endpoint": collector.endpoint("http")}]}
            with Agent(settings) as agent:
                collector.wait_requests(2)
                self.assertRegex(agent.log(), r"error journal: there is none: .*/proc/nowhere")
                self.assertNotIn("journal", agent.get_json("/api/v1/status"))


class Damage(unittest.TestCase):
    def test_a_damaged_journal_is_put_aside_and_collection_goes_on(self):
        with Collector() as collector:
            settings = {**QUICK, "otlp": [{"endpoint": collector.endpoint("http")}]}
            with JournalAgent(settings) as agent:
                agent.wait_ready(lambda: agent.journal.exists() and agent.committed() >= 2)
                agent.stop()
                size = agent.journal.stat().st_size
                with open(agent.journal, "r+b") as file:
                    for offset in range(512, size, 1024):
                        file.seek(offset)
                        file.write(b"\xa5" * 64)
                agent.begin()
                count = len(collector.requests())
                collector.wait_requests(count + 2)
                aside = [path.name for path in agent.path.iterdir()
                         if re.fullmatch(r"journal\.db\.corrupt-[-0-9TZ.:]+", path.name)]
                self.assertEqual(len(aside), 1, sorted(path.name for path in agent.path.iterdir()))
                self.assertEqual(agent.log().count("error journal"), 1, agent.log())

    def test_one_of_a_newer_program_is_left_alone(self):
        with Collector() as collector:
            settings = {**QUICK, "otlp": [{"endpoint": collector.endpoint("http")}]}
            with JournalAgent(settings) as agent:
                agent.wait_ready(lambda: agent.journal.exists() and agent.committed() >= 1)
                agent.stop()
                with sqlite3.connect(agent.journal) as database:
                    database.execute("UPDATE meta SET value = 99 WHERE key = 'schema_version'")
                    database.execute("PRAGMA user_version = 99")
                before = agent.journal.read_bytes()
                agent.begin()
                count = len(collector.requests())
                collector.wait_requests(count + 2)
                self.assertIn("written by a newer plumbline", agent.log())
                self.assertEqual(agent.journal.read_bytes(), before)


class FullDisk(unittest.TestCase):
    def test_a_full_disk_costs_no_export(self):
        with Collector() as collector:
            settings = {**QUICK, "export": {"interval": "200ms"},
                        "otlp": [{"endpoint": collector.endpoint("http")}]}
            with JournalAgent(settings) as agent:
                agent.stop()
                disk = agent.path / "disk"
                disk.mkdir()
                subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=True)
                try:
                    agent.begin({**settings, "state_dir": str(disk)})
                    agent.url("/")
                    wait_until("the first exports", lambda: len(numbers(collector.requests())) >= 3)
                    subprocess.run(["dd", "if=/dev/zero", f"of={disk}/ballast", "bs=64k"], check=False,
                                   capture_output=True)
                    reached = max(numbers(collector.requests()))
                    wait_until("more of them", lambda: max(numbers(collector.requests())) >= reached + 30)
                    (disk / "ballast").unlink()
                    reached = max(numbers(collector.requests()))
                    wait_until("and more", lambda: max(numbers(collector.requests())) >= reached + 10)
                    self.assertEqual(agent.stop(), 0)
                    seen = numbers(collector.requests())
                    first = seen.index(1)  # those of the agent before, on another journal, came first
                    self.assertEqual(sorted(set(seen[first:])), list(range(1, max(seen[first:]) + 1)))
                finally:
                    subprocess.run(["umount", disk], check=True)


if __name__ == "__main__":
    unittest.main()
