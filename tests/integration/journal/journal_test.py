# SPDX-License-Identifier: Apache-2.0
"""`plumbline journal`: reads what the library wrote, beside a writer and without one."""

import csv
import fcntl
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import time
import unittest

from journals import START, Live, Written, at, between, plumbline, points, read_lines
from servers import PROGRAM, wait_until


class Case(unittest.TestCase):
    def good(self, *arguments, code=0):
        done = plumbline(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout[-2000:]}{done.stderr}")
        return done

    def refused(self, *arguments, code=1):
        """One line on standard error, and nothing on standard output."""
        done = self.good(*arguments, code=code)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith("plumbline: "), lines[0])
        return lines[0]


class Reading(Case):
    @classmethod
    def setUpClass(cls):
        cls.journal = cls.enterClassContext(Written())
        cls.on = ("--journal", cls.journal.path)

    def test_stats_tell_what_is_there(self):
        told = json.loads(self.good("journal", "stats", *self.on, "-o", "json").stdout)
        streams = {stream["stream"]: stream for stream in told["streams"]}
        self.assertEqual(streams["1s"]["batches"], 120)
        self.assertEqual(streams["1s"]["items"], 120 * 60)
        self.assertEqual(streams["1s"]["first"], "2023-11-14T22:13:20Z")
        self.assertEqual(streams["1s"]["last"], "2023-11-14T22:15:19Z")
        self.assertEqual(streams["export"]["batches"], 12)
        self.assertEqual(streams["export"]["items"], 12 * 62)
        self.assertGreater(streams["1s"]["raw_bytes"], 5 * streams["1s"]["bytes"])
        self.assertEqual([event["kind"] for event in told["events"]], ["config_change", "oom_kill"])
        self.assertEqual(told["budget"]["max_bytes"], 512 * 2**20)
        self.assertEqual(told["bytes"], self.journal.path.stat().st_size)
        destination, = told["destinations"]
        self.assertEqual(destination["name"], "otlp:backend:4317")
        ledger = destination["ledger"]["metrics"]
        self.assertEqual((ledger["collected"], ledger["delivered"], ledger["queued"]), (744, 372, 372))
        self.assertEqual(destination["queued_batches"], 6)
        # Its oldest batch is the seventh export, of second 69.
        self.assertAlmostEqual(destination["lag_seconds"], time.time() - START - 69, delta=60)

    def test_stats_for_people_name_the_same(self):
        told = self.good("journal", "stats", *self.on).stdout
        for part in ("budgets: 512 MiB; 1s for 6h, 10s for 7d", "2023-11-14T22:13:20.000Z", "oom_kill",
                     "otlp:backend:4317  metrics  744        372        0         0        0         372"):
            self.assertIn(part, told)

    def test_a_state_directory_names_the_journal_too(self):
        told = self.good("journal", "stats", "--state-dir", self.journal.path.parent, "-o", "json")
        self.assertEqual(json.loads(told.stdout)["path"], str(self.journal.path))

    def test_verify_finds_nothing_wrong(self):
        self.assertEqual(self.good("journal", "verify", *self.on).stdout,
                         f"{self.journal.path}: good; 132 batches\n")

    def test_dump_is_what_was_written(self):
        for stream in ("1s", "export"):
            with self.subTest(stream):
                dumped = self.good("journal", "dump", *self.on, "--stream", stream).stdout
                expected = self.journal.expected(stream)
                self.assertEqual(points(read_lines(dumped)), points(expected))
                self.assertEqual(read_lines(dumped), expected)

    def test_dump_takes_the_points_of_the_range_and_no_other(self):
        for stream in ("1s", "export"):
            for first, last in ((0, 1), (50, 71), (63, 64), (119, 500)):
                with self.subTest(stream=stream, first=first, last=last):
                    expected = between(points(self.journal.expected(stream)), first, last)
                    done = plumbline("journal", "dump", *self.on, "--stream", stream,
                                     "--from", at(first), "--to", at(last))
                    self.assertEqual(done.returncode, 0 if expected else 1, done.stderr)
                    self.assertEqual(points(read_lines(done.stdout)), expected)

    def test_dump_takes_the_metrics_that_are_named(self):
        dumped = self.good("journal", "dump", *self.on, "--metric", "*.c?unter", "--to", at(3)).stdout
        found = points(read_lines(dumped))
        self.assertEqual({point[0] for point in found}, {"test.counter"})
        self.assertEqual(len(found), 3 * 30)

    def test_dump_in_csv_has_a_line_for_each_point(self):
        dumped = self.good("journal", "dump", *self.on, "--stream", "export", "-o", "csv").stdout
        rows = list(csv.DictReader(io.StringIO(dumped)))
        expected = points(self.journal.expected("export"))
        self.assertEqual(len(rows), len(expected))
        told = sorted((row["metric"], tuple(sorted(json.loads(row["attributes"]).items()))) for row in rows)
        self.assertEqual(told, sorted((point[0], point[1]) for point in expected))
        histograms = [row for row in rows if row["type"] == "exponential_histogram"]
        self.assertEqual([int(row["count"]) for row in histograms], list(range(10, 121, 10)))
        self.assertEqual({row["value"] for row in histograms}, {""})
        slow = [row for row in rows if json.loads(row["attributes"]) == {"host": 'slow, "quoted" ünicode'}]
        self.assertEqual(slow[0]["time"], "2023-11-14T22:13:22Z")
        self.assertAlmostEqual(float(slow[0]["value"]), 0.9)
        counters = [row for row in rows if row["metric"] == "test.counter"]
        self.assertEqual({row["type"] for row in counters}, {"counter"})

    def test_a_bundle_is_a_journal_of_the_range(self):
        bundle = self.journal.file("a.bundle")
        told = self.good("journal", "export", *self.on, "--bundle", bundle,
                         "--from", at(20), "--to", at(80), "-o", "json")
        self.assertEqual(stat.S_IMODE(bundle.stat().st_mode), 0o600)
        self.assertEqual(list(bundle.parent.glob("a.bundle?*")), [], "one file and nothing beside it")
        told = json.loads(told.stdout)
        self.assertEqual(told["events"], 1)
        for stream in ("1s", "export"):
            dumped = self.good("journal", "dump", "--journal", bundle, "--stream", stream).stdout
            self.assertEqual(points(read_lines(dumped)),
                             between(points(self.journal.expected(stream)), 20, 80))
        self.good("journal", "verify", "--journal", bundle)
        stats = json.loads(self.good("journal", "stats", "--journal", bundle, "-o", "json").stdout)
        self.assertEqual(stats["bundle"]["from"], "2023-11-14T22:13:40Z")
        self.assertEqual(stats["bundle"]["to"], "2023-11-14T22:14:40Z")
        self.assertEqual(stats["destinations"], [])
        self.assertIsNone(stats["budget"])
        # A bundle of a bundle.
        again = self.journal.file("b.bundle")
        self.good("journal", "export", "--journal", bundle, "--bundle", again, "--from", at(30), "--to", at(31))
        dumped = self.good("journal", "dump", "--journal", again, "--stream", "1s").stdout
        self.assertEqual(points(read_lines(dumped)), between(points(self.journal.expected("1s")), 30, 31))

    def test_a_bundle_is_read_where_nothing_can_be_written(self):
        folder = self.journal.file("sealed")
        folder.mkdir()
        self.good("journal", "export", *self.on, "--bundle", folder / "a.bundle", "--to", at(5))
        (folder / "a.bundle").chmod(0o444)
        folder.chmod(0o555)
        folder.parent.chmod(0o755)
        # Root writes everywhere, so somebody else reads it; the program may stand where only root may go.
        reader = self.journal.file("plumbline")
        shutil.copy(PROGRAM, reader)
        done = subprocess.run([reader, "journal", "stats", "--journal", folder / "a.bundle"],
                              capture_output=True, text=True, check=False,
                              user=65534 if os.geteuid() == 0 else None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("a bundle made by plumbline", done.stdout)

    def test_errors_are_one_line_and_say_what_to_do(self):
        missing = self.journal.file("nowhere/journal.db")
        for command in (("stats",), ("verify",), ("dump",), ("vacuum",),
                        ("export", "--bundle", self.journal.file("c.bundle"))):
            self.assertIn(f"there is no journal {missing}; name one with --journal",
                          self.refused("journal", *command, "--journal", missing))
        text = self.journal.file("text")
        text.write_text("this is no database, but it is a file of some length\n" * 10)
        self.assertIn("it is no journal", self.refused("journal", "stats", "--journal", text))
        empty = self.journal.file("empty")
        empty.touch()
        self.assertIn("it is empty", self.refused("journal", "dump", "--journal", empty))
        self.assertIn("it is a directory", self.refused("journal", "dump", "--journal", "/tmp"))
        other = self.journal.file("other.db")
        with sqlite3.connect(other) as database:
            database.execute("CREATE TABLE mine(x)")
        database.close()
        self.assertIn("another program", self.refused("journal", "stats", "--journal", other))
        self.assertIn("holds nothing from 2023-11-14T22:15:20Z to the end; its 1s record goes from "
                      "2023-11-14T22:13:20Z to 2023-11-14T22:15:19Z",
                      self.refused("journal", "dump", *self.on, "--from", at(120), "--stream", "1s"))
        bundle = self.journal.file("empty.bundle")
        self.assertIn("holds nothing from 2023-11-14T22:16:20Z to the end; its export record goes from",
                      self.refused("journal", "export", *self.on, "--from", at(180), "--bundle", bundle))
        self.assertEqual(list(bundle.parent.glob("empty.bundle*")), [])
        self.assertIn("of metrics named nothing.*",
                      self.refused("journal", "dump", *self.on, "--metric", "nothing.*"))

    def test_wrong_words_are_told_before_anything_is_read(self):
        for expected, *words in (
                ("\"soon\" is no time; expected \"3m ago\"", "dump", "--from", "soon"),
                ("--from is in the future", "dump", "--from", "2100-01-01"),
                ("is not before --to", "dump", "--from", at(2), "--to", at(1)),
                ("with --bundle FILE", "export"),
                ("only of metrics", "dump", "--signal", "traces", "-o", "csv")):
            self.assertIn(expected, self.refused("journal", *words, *self.on, code=2))

    def test_a_bundle_that_cannot_be_written_leaves_nothing(self):
        self.assertIn("No such file or directory", self.refused(
            "journal", "export", *self.on, "--bundle", self.journal.file("no/such/folder/a.bundle")))
        taken = self.journal.file("taken")
        taken.write_text("mine")
        self.assertIn("exists already", self.refused("journal", "export", *self.on, "--bundle", taken))
        self.assertEqual(taken.read_text(), "mine")

    def test_what_a_killed_export_left_is_taken_over(self):
        bundle = self.journal.file("killed.bundle")
        left = self.journal.file("killed.bundle.plumbline-partial")
        left.write_bytes(b"half of a bundle" * 100)
        with open(left, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertIn("another export is writing the bundle",
                          self.refused("journal", "export", *self.on, "--bundle", bundle))
        self.good("journal", "export", *self.on, "--bundle", bundle)
        self.good("journal", "verify", "--journal", bundle)
        self.assertFalse(left.exists())

    def test_a_full_disk_leaves_no_part_of_a_bundle(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        small = self.journal.file("small")
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], check=True)
        try:
            said = self.refused("journal", "export", *self.on, "--bundle", small / "a.bundle")
            self.assertRegex(said, "full|No space left")
            self.assertEqual(list(small.iterdir()), [])
        finally:
            subprocess.run(["umount", small], check=True)


class Damaged(Case):
    @classmethod
    def setUpClass(cls):
        cls.journal = cls.enterClassContext(Written(seconds=90))

    def copy(self, name):
        target = self.journal.file(name)
        shutil.copy(self.journal.path, target)
        return target

    def test_a_changed_batch_is_named_and_left_out(self):
        path = self.copy("changed.db")
        with sqlite3.connect(path) as database:
            sequence, first = database.execute(
                "SELECT sequence, first_ns FROM batches WHERE stream = 1 AND link = 40 LIMIT 1").fetchone()
            database.execute("UPDATE batches SET items = items + 1 WHERE sequence = ?", (sequence,))
        database.close()
        found = json.loads(self.good("journal", "verify", "--journal", path, "-o", "json", code=3).stdout)
        # The row, and the rest of its chain of sixty.
        self.assertEqual(found["damaged_batches"], 20)
        self.assertEqual(found["damaged"][0]["sequence"], sequence)
        self.assertEqual(found["damaged"][0]["why"], "its checksum does not hold")
        self.assertEqual(found["damaged"][1]["why"], "a batch before it in its chain is damaged or missing")
        dumped = self.good("journal", "dump", "--journal", path, "--stream", "1s", code=5)
        self.assertIn("20 damaged batches were left out", dumped.stderr)
        second = (first - START * 10**9) // 10**9
        self.assertEqual(points(read_lines(dumped.stdout)),
                         [point for point in points(self.journal.expected("1s"))
                          if not second <= point[2] // 10**9 - START < second + 20])
        bundle = self.journal.file("changed.bundle")
        self.assertIn("20 damaged batches were left out",
                      self.good("journal", "export", "--journal", path, "--bundle", bundle, code=5).stderr)
        self.good("journal", "verify", "--journal", bundle)
        self.assertIn("20 damaged batches were left out of it",
                      self.good("journal", "stats", "--journal", bundle).stdout)

    def test_broken_pages_are_findings_and_no_crash(self):
        whole = self.journal.path.read_bytes()
        expected = points(self.journal.expected("1s"))
        found = 0
        for offset in range(5 * 1024, len(whole), len(whole) // 12):
            path = self.journal.file("pages.db")
            path.write_bytes(whole[:offset] + b"\xa5" * 512 + whole[offset + 512:])
            with self.subTest(offset=offset):
                verified = plumbline("journal", "verify", "--journal", path).returncode
                self.assertIn(verified, (0, 3))
                found += verified == 3
                dumped = plumbline("journal", "dump", "--journal", path, "--stream", "1s")
                self.assertIn(dumped.returncode, (0, 1, 5))
                if verified == 0:  # the bytes are of no row: the end of a page
                    self.assertEqual(points(read_lines(dumped.stdout)), expected)
                else:
                    self.assertLessEqual(set(points(read_lines(dumped.stdout))), set(expected))
                self.assertIn(plumbline("journal", "stats", "--journal", path).returncode, (0, 1))
        self.assertGreater(found, 8)

    def test_a_bundle_cut_short_says_so(self):
        bundle = self.journal.file("cut.bundle")
        self.good("journal", "export", "--journal", self.journal.path, "--bundle", bundle)
        size = bundle.stat().st_size
        for length in (size // 2, 4096, 50):
            with open(bundle, "r+b") as file:
                file.truncate(length)
            with self.subTest(length=length):
                said = self.refused("journal", "dump", "--journal", bundle)
                self.assertIn(f"{bundle}: it is cut short", said)
                self.assertIn("it is cut short",
                              self.good("journal", "verify", "--journal", bundle, code=3).stdout)

    def test_a_newer_schema_is_refused_untouched(self):
        path = self.copy("newer.db")
        with sqlite3.connect(path) as database:
            database.execute("UPDATE meta SET value = 2 WHERE key = 'schema_version'")
            database.execute("PRAGMA user_version = 2")
        database.close()
        before = path.read_bytes()
        for command in ("stats", "verify", "dump", "vacuum"):
            self.assertIn("written by a newer plumbline (its version is 2, this program knows 1)",
                          self.refused("journal", command, "--journal", path))
        self.assertEqual(path.read_bytes(), before)


class BesideAWriter(Case):
    def test_every_command_reads_while_it_is_written(self):
        with Live() as live:
            on = ("--journal", live.path)
            for number in range(3):
                self.good("journal", "stats", *on)
                self.good("journal", "verify", *on)
                dumped = self.good("journal", "dump", *on, "--stream", "1s", "--to", at(20)).stdout
                self.assertEqual(len(read_lines(dumped)), 20)
                bundle = live.file(f"{number}.bundle")
                self.good("journal", "export", *on, "--bundle", bundle)
                self.good("journal", "verify", "--journal", bundle)
                self.good("journal", "vacuum", *on)
            commits, failed = live.end()
            self.assertEqual(failed, 0)
            self.assertGreater(commits, 60)
            self.good("journal", "verify", *on)

    def test_a_reader_that_stops_taking_keeps_nothing_of_the_journal(self):
        with Live(seconds=120, series=2500) as live:
            # Nobody reads the pipe: the reader hangs in a write after its first kilobytes.
            reader = subprocess.Popen([PROGRAM, "journal", "dump", "--journal", live.path, "--stream", "1s"],
                                      stdout=subprocess.PIPE)
            try:
                log = live.path.with_name("journal.db-wal")
                size = json.loads(self.good("journal", "stats", "--journal", live.path, "-o", "json").stdout)
                before = size["streams"][1]["bytes"]

                def grown():
                    stats = json.loads(
                        self.good("journal", "stats", "--journal", live.path, "-o", "json").stdout)
                    return stats["streams"][1]["bytes"] - before > 2**21
                # Twice what the log may take has been written beside the reader.
                wait_until("the journal has grown", grown, 180)
                self.assertLess(log.stat().st_size, 3 * 2**20)
                self.assertIsNone(reader.poll())
            finally:
                reader.kill()
                reader.communicate()

    def test_vacuum_gives_space_back_beside_the_writer(self):
        with Live(seconds=400, series=1000) as live:
            # As retention does it: whole chains go.
            with sqlite3.connect(live.path, timeout=10) as database:
                last, = database.execute("SELECT max(chain) FROM batches WHERE stream = 1").fetchone()
                database.execute("DELETE FROM batches WHERE stream = 1 AND chain < ?", (last,))
            database.close()
            before = json.loads(self.good("journal", "stats", "--journal", live.path, "-o", "json").stdout)
            self.assertGreater(before["free_bytes"], 2**19)
            done = json.loads(self.good("journal", "vacuum", "--journal", live.path, "-o", "json").stdout)
            self.assertLess(done["bytes"], done["bytes_before"] - 2**19)
            self.assertLess(done["free_bytes"], 2**18)
            self.assertEqual(live.end()[1], 0)
            self.good("journal", "verify", "--journal", live.path)
