# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost: the agent, its journal and a real Collector. Every export bears a number, so that
a gap in what the Collector wrote is a loss and a number seen twice is a repetition.

PLUMBLINE_KILLS and PLUMBLINE_OUTAGE_EXPORTS make the two long tests longer than CI has time for: 7,200
exports are what an agent makes in an hour of twenty times the usual rate."""

import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import time
import unittest

import otlp_json
from servers import PATIENCE_SECONDS, PROGRAM, Agent, Collector, free_port, wait_until

KILLS = int(os.environ.get("PLUMBLINE_KILLS", "25"))
OUTAGE_EXPORTS = int(os.environ.get("PLUMBLINE_OUTAGE_EXPORTS", "200"))
OUTAGE_PATIENCE = PATIENCE_SECONDS + OUTAGE_EXPORTS  # seconds
USUAL_INTERVAL = 10.0  # seconds between two exports, unless configured


def numbers(requests):
    """The numbers of the exports in `requests`, in the order in which they came."""
    return [int(point["asDouble"]) for metric in otlp_json.metrics(requests)
            if metric["name"] == "plumbline.export.number" for point in otlp_json.points(metric)]


def numbers_in(path):
    """The same from a file that is too large to be parsed again and again."""
    found = re.compile(rb'"name":"plumbline\.export\.number".*?"asDouble":([0-9.e+]+)')
    with open(path, "rb") as lines:
        return [int(float(number)) for line in lines for number in found.findall(line)]


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
    """A hundred times the usual rate, for as long as it takes, beside the same agent without an outage:
    an agent's memory grows at first, as its tables and the cache of the newest requests fill, and only
    what grows more than that is the outage's."""

    def setUp(self):
        self.collector = self.enterContext(Collector(("late", "live", "one", "two"), unread=("one", "two")))
        calm = {"export": {"interval": "100ms"}, "otlp": [
            {"name": "late", "endpoint": self.collector.endpoint("grpc", "one")},
            {"name": "live", "endpoint": self.collector.endpoint("http", "two")}]}
        self.settings = {**calm, "otlp": [
            {"name": "late", "endpoint": f"grpc://127.0.0.1:{free_port()}"},
            {"name": "live", "endpoint": self.collector.endpoint("http", "live")}]}
        self.agent = self.enterContext(JournalAgent(self.settings))
        self.control = self.enterContext(JournalAgent(calm))
        self.agents = (self.agent, self.control)
        for agent in self.agents:
            agent.wait_collecting()
        for agent in self.agents:
            # Within a second of being ready it gives back what loading BPF programs took.
            first = agent.committed()
            agent.wait_ready(lambda agent=agent, first=first: agent.committed() >= first + 20)

    def outage(self):
        """What it took of memory beyond what the control took; how much waits for "late" then."""
        before = [own_bytes(agent) for agent in self.agents]
        first = self.agent.committed()
        self.agent.wait_ready(lambda: self.agent.committed() >= first + OUTAGE_EXPORTS, OUTAGE_PATIENCE)
        during = [own_bytes(agent) for agent in self.agents]
        self.before = before
        return (during[0] - before[0]) - (during[1] - before[1]), ledger(self.agent, "late")

    def recovery(self, backlog):
        """The same destination at an address that answers goes on where it was. (memory as above, the
        same at its highest, seconds, items sent a second, what waited for "live" meanwhile)"""
        self.settings["otlp"][0]["endpoint"] = self.collector.endpoint("grpc", "late")
        self.agent.configure(self.settings)
        memory, live = [], []
        began = time.monotonic()
        delivered = ledger(self.agent, "late")["delivered"]
        self.agent.process.send_signal(signal.SIGHUP)

        def caught_up():
            memory.append([own_bytes(agent) for agent in self.agents])
            live.append(ledger(self.agent, "live")["queued"])
            return ledger(self.agent, "late")["queued"] < backlog / 50
        self.agent.wait_ready(caught_up, OUTAGE_PATIENCE)
        took = time.monotonic() - began
        speed = (ledger(self.agent, "late")["delivered"] - delivered) / took
        usual, most = ([of(values) - before for values, before in zip(zip(*memory), self.before)]
                       for of in (statistics.median, max))
        return usual[0] - usual[1], most[0] - most[1], took, speed, statistics.median(live)

    def test_a_backlog_is_delivered_in_order_and_memory_stays_flat(self):
        outage, late = self.outage()
        self.assertGreater(late["queued"], 0)
        self.assertEqual(late["dropped"], 0)
        recovery, peak, took, speed, live = self.recovery(late["queued"])
        resident = resident_bytes(self.control.process.pid)
        self.assertEqual(self.agent.stop(), 0)
        last = self.agent.committed()
        for name in ("late", "live"):
            file = self.collector.path / f"{name}.jsonl"
            seen = self.collector.wait_ready(
                lambda file=file: max(found := numbers_in(file), default=0) >= last and found)
            self.assertEqual(seen, list(range(1, last + 1)), name)
        export = late["collected"] / last
        usual = export / USUAL_INTERVAL
        print(f"outage of {OUTAGE_EXPORTS} exports, {late['queued']} items delivered in {took:.1f} s, "
              f"{speed / usual:.0f} times the usual rate, while {live / export:.1f} exports waited for the "
              f"other destination; of {resident / 2**20:.1f} MiB resident, the outage took "
              f"{outage / 2**20:.1f} and catching up {recovery / 2**20:.1f}, at most {peak / 2**20:.1f}")
        self.assertLess(outage, resident / 10)
        self.assertLess(recovery, resident / 10)
        # For a moment there is a request more, or what the upkeep of the journal reads.
        self.assertLess(peak, resident / 4)
        self.assertGreater(speed, 20 * usual, "new data come as fast as the backlog goes")
        self.assertLess(live, 2 * export, "the other one is starved")


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
                self.assertIn("/proc/nowhere", agent.get_json("/api/v1/status")["journal"]["trouble"])


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
