# SPDX-License-Identifier: Apache-2.0
"""The fault table, disk: for each fault an agent of its own with its journal on a disk that fails for
a while. The destination takes nothing either for some of that time. Then every export arrives, and
the log has one line about the disk. Needs root, for small disks in a mount namespace of its own."""

import concurrent.futures
import contextlib
import ctypes
import dataclasses
import errno
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

from fault_table import QUIET, Machine, Receivers, Row, case_name, check_documented, lines, sample
from servers import PROGRAM, Agent

TAKES_NOTHING = r"journal\.db takes nothing: .*{}.*; destinations are served from memory"
COMMITS_FAILED = 'plumbline_journal_commits_total{outcome="failure"}'
BEGUN = "plumbline_journal_begun_anew_total"
ROWS = {
    "full": Row("disk full", r"the disk of \S+ is full: the oldest in the journal makes room for the newest",
                "plumbline_journal_disk_full_total"),
    "read-only": Row("disk becomes read-only", TAKES_NOTHING.format("Read-only file system"), COMMITS_FAILED),
    "read-only-start": Row("disk read-only at the start", r"there is none: .*Read-only file system",
                           "plumbline_journal_healthy_ratio"),
    "eio": Row("EIO on write", TAKES_NOTHING.format("Input/output error"), COMMITS_FAILED),
    "eio-sync": Row("EIO on fsync", TAKES_NOTHING.format("Input/output error"), COMMITS_FAILED),
    "slow": Row("seconds for each fsync", r"the disk took \d+ ms to take a batch; collection goes on meanwhile",
                "plumbline_journal_commit_duration_seconds_sum"),
    "damaged": Row("wrong byte anywhere in the journal",
                   r"the journal \S+ is damaged \(.*\) and was put aside as \S+; a new journal was begun with \d+ "
                   r"batches of the old one, \d+ were lost|\d+ batches with \d+ items for only are damaged and "
                   r"were left out|\d+ items were lost before a destination had them|a check of \S+ found: ",
                   'plumbline_journal_lost_total{reason="damaged"}', lost="what the wrong byte belongs to"),
    "newer": Row("journal of a newer version", r"there is none: .*written by a newer plumbline",
                 "plumbline_journal_healthy_ratio"),
    "second": Row("two agents on one journal", r"is in use by process \d+ since", "exit status 1"),
    "removed": Row("state directory removed", r"was removed while it was in use; a new journal was begun", BEGUN),
}
DAMAGES = int(os.environ.get("PLUMBLINE_DAMAGES", "5"))
SEED = int(os.environ.get("PLUMBLINE_SEED", random.SystemRandom().randrange(10**6)))
CHANCE = random.Random(SEED)
EXPORTS = 6  # while a fault lasts
CLONE_NEWNS = 0x00020000


@dataclasses.dataclass
class Seen:
    """What was seen of one fault."""
    log: str
    metrics: str  # while it lasted
    taken: list
    last: int
    inverted: list


class Case:
    """One agent, its state directory and a destination."""

    def __init__(self, stack, settings=None, machine=False):
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-test-")))
        self.state = self.folder / "state"
        self.state.mkdir()
        self.machine = Machine(self.folder / "control", self.state) if machine else None
        self.receivers = stack.enter_context(Receivers(only="unavailable"))
        self.settings = {**QUIET, "state_dir": str(self.state), "shutdown": {"timeout": "5s"},
                         "otlp": [self.receivers.destination("only")], **(settings or {})}
        self.stack = stack
        self.agent = None

    def begin(self):
        self.agent = self.stack.enter_context(Agent(
            self.settings, environment=self.machine.environment() if self.machine else None))
        self.agent.url("/")
        return self

    def number(self):
        return int(sample(self.agent.get("/metrics"), "plumbline_export_number_ratio") or 0)

    def wait_exports(self, count):
        begun = self.agent.wait_ready(self.number)
        self.agent.wait_ready(lambda: self.number() >= begun + count)

    def wait_taken(self, count):
        begun = max(self.receivers.taken("only"), default=0)
        self.agent.wait_ready(lambda: max(self.receivers.taken("only"), default=0) >= begun + count)

    def through(self, fault, end):
        """The fault begins, then the destination fails too and comes back, then the fault ends."""
        self.wait_taken(3)
        fault()
        self.wait_exports(EXPORTS)
        self.receivers.begin_faults()
        self.wait_exports(EXPORTS)
        metrics = self.agent.get("/metrics")
        self.receivers.end_faults()
        self.wait_taken(EXPORTS)
        end()
        return metrics

    def finish(self, metrics):
        self.wait_taken(2)
        self.agent.stop()
        last = max(self.receivers.taken("only"))
        return Seen(self.agent.log(), metrics, self.receivers.taken("only"), last, self.receivers.inverted())

    def wait_log(self, words):
        self.agent.wait_ready(lambda: words in self.agent.log())


def mount(folder, *options):
    subprocess.run(["mount", *options, folder], check=True)


def small_disk(stack, folder):
    mount(folder, "-t", "tmpfs", "-o", "size=12m", "tmpfs")
    stack.callback(subprocess.run, ["umount", "-l", folder], check=False)


def full(stack):
    case = Case(stack, {"journal": {"size": "64MiB"}})
    small_disk(stack, case.state)
    case.begin()

    def fill():
        subprocess.run(["dd", "if=/dev/zero", f"of={case.state}/ballast", "bs=4k"], check=False, capture_output=True)
        case.wait_log("is full")
    metrics = case.through(fill, (case.state / "ballast").unlink)
    case.wait_log("has space again")
    return case.finish(metrics)


def failing(stack, settings=None, **fault):
    case = Case(stack, settings, machine=True).begin()
    well = {key: 0 for key in fault}
    metrics = case.through(lambda: case.machine.set(**fault), lambda: case.machine.set(**well))
    if "sync_ms" not in fault:
        case.wait_log("the disk takes batches again")
    return case.finish(metrics)


def read_only_start(stack):
    case = Case(stack)
    small_disk(stack, case.state)
    mount(case.state, "-o", "remount,ro")
    case.begin()
    metrics = case.through(lambda: None, lambda: None)
    return case.finish(metrics)


def removed(stack):
    case = Case(stack).begin()

    def remove():
        shutil.rmtree(case.state)
        case.wait_log("was removed")
    metrics = case.through(remove, lambda: None)
    return case.finish(metrics)


def newer(stack):
    case = Case(stack).begin()
    case.wait_taken(2)
    case.agent.stop()
    with sqlite3.connect(case.state / "journal.db") as database:
        database.execute("UPDATE meta SET value = 99 WHERE key = 'schema_version'")
        database.execute("PRAGMA user_version = 99")
    before = (case.state / "journal.db").read_bytes()
    case.receivers = stack.enter_context(Receivers(only="unavailable"))  # the numbers begin anew
    case.settings["otlp"] = [case.receivers.destination("only")]
    case.begin()
    seen = case.finish(case.through(lambda: None, lambda: None))
    if (case.state / "journal.db").read_bytes() != before:
        raise AssertionError("the journal of another version was touched")
    return seen


def second(stack):
    """The first goes on; what the second says is its last word."""
    case = Case(stack).begin()
    case.wait_taken(2)
    other = subprocess.run([PROGRAM, "run", "--listen", "127.0.0.1:0", "--state-dir", case.state],
                           capture_output=True, text=True, timeout=60, check=False)
    if other.returncode != 1 or f"by process {case.agent.process.pid} " not in other.stderr:
        raise AssertionError(f"{other.returncode}: {other.stderr}")
    return dataclasses.replace(case.finish(""), log=other.stderr)


def damaged(stack):
    """Copies of one journal with a backlog, each with a wrong bit somewhere; the worst of them."""
    base = Case(stack).begin()
    base.wait_taken(1)
    base.receivers.begin_faults()
    base.wait_exports(20)
    base.agent.stop()
    had = max(base.receivers.taken("only"))
    worst = None
    for trial in range(DAMAGES):
        case = Case(stack)
        shutil.copy(base.state / "journal.db", case.state)
        size = (case.state / "journal.db").stat().st_size
        # The first is one that SQLite itself sees.
        offset, bit = CHANCE.randrange(size if trial else 16), 1 << CHANCE.randrange(8)
        with open(case.state / "journal.db", "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ bit]))
        case.begin()
        case.wait_taken(1)
        case.wait_exports(6)  # so that the agent has looked at itself since
        seen = case.finish(case.agent.get("/metrics"))
        # What the destination had before stands for itself.
        seen.taken += range(1, had + 1)
        missing = set(range(1, seen.last + 1)) - set(seen.taken)
        print(f"byte {offset} of {size}: {len(missing)} exports lost", lines(seen.log))
        if missing and not sample(seen.metrics, ROWS["damaged"].counter):
            raise AssertionError(f"byte {offset}, bit {bit}: {missing} lost in silence:\n{seen.log}")
        if worst is None or len(lines(seen.log)) > len(lines(worst.log)):
            worst = seen
    return worst


SCENES = {
    "full": full,
    "read-only": lambda stack: failing(stack, write_errno=errno.EROFS),
    "read-only-start": read_only_start,
    "eio": lambda stack: failing(stack, write_errno=errno.EIO),
    "eio-sync": lambda stack: failing(stack, {"journal": {"durability": "fsync"}}, sync_errno=errno.EIO),
    "slow": lambda stack: failing(stack, {"journal": {"durability": "fsync"}}, sync_ms=1500),
    "newer": newer,
    "second": second,
    "damaged": damaged,
    "removed": removed,
}


class DiskFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            raise unittest.SkipTest("needs the right to mount")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        print(f"PLUMBLINE_SEED={SEED}")
        cls.seen, cls.failures = {}, {}
        with concurrent.futures.ThreadPoolExecutor(len(SCENES)) as pool:
            scenes = {name: pool.submit(cls.play, scene) for name, scene in SCENES.items()}
        for name, scene in scenes.items():
            if scene.exception() is None:
                cls.seen[name] = scene.result()
            else:
                cls.failures[name] = scene.exception()

    @staticmethod
    def play(scene):
        with contextlib.ExitStack() as stack:
            return scene(stack)

    def check(self, name):
        if name in self.failures:
            raise self.failures[name]
        row, seen = ROWS[name], self.seen[name]
        told = [line for line in lines(seen.log) if " delivery: " not in line]
        if name == "damaged":
            self.check_damaged(told)
            return
        self.assertEqual(len(told), 1, told)
        self.assertRegex(told[0], row.sees)
        self.assertEqual(set(range(1, seen.last + 1)) - set(seen.taken), set(), "lost")
        self.assertEqual(seen.inverted, [])
        if name != "second":
            value = sample(seen.metrics, row.counter)
            self.assertTrue(value == 0 if "healthy" in row.counter else value > 0, f"{row.counter} is {value}")
        if name in ("full", "read-only", "eio", "eio-sync"):
            self.assertEqual(seen.log.count("has space again") + seen.log.count("takes batches again"), 1, seen.log)

    def check_damaged(self, told):
        """What was found, put aside, and what that cost: no more, and none of it twice."""
        self.assertIn(len(told), (1, 2, 3), told)
        for line in told:
            self.assertRegex(line, ROWS["damaged"].sees)
        self.assertEqual(len({re.sub(r"\d+", "N", line) for line in told}), len(told), told)

    def test_each_row_stands_in_the_readme(self):
        check_documented(self, ROWS, "disk_faults_test.py")


for _name in SCENES:
    setattr(DiskFaults, case_name(_name), lambda self, name=_name: self.check(name))


if __name__ == "__main__":
    unittest.main()
