# SPDX-License-Identifier: Apache-2.0
"""Journals that the library wrote, and the program that reads them."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import otlp_json
from servers import PROGRAM

WRITER = PROGRAM.parent / "tests/journal_writer"
# What the writer's first second is: tests/unit/agent/journal/samples.h.
START = 1_700_000_000


def at(second):
    """A second of the writer's clock, as --from and --to take it."""
    return str(START + second)


def plumbline(*arguments, **options):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    return subprocess.run([str(PROGRAM), *map(str, arguments)], capture_output=True, text=True,
                          env=clean, timeout=120, check=False, **options)


class Written:
    """A journal of `seconds` seconds in a folder of its own."""

    def __init__(self, seconds=120, series=60):
        self.folder = tempfile.TemporaryDirectory(prefix="plumbline-test-")
        self.path = Path(self.folder.name) / "journal.db"
        self.seconds, self.series = seconds, series
        subprocess.run([WRITER, self.path, str(seconds), str(series)], check=True,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def file(self, name):
        return Path(self.folder.name) / name

    def expected(self, stream):
        """The requests of a stream, as the writer noted them beside the journal."""
        return read_lines(Path(f"{self.path}.{stream}.jsonl").read_text())

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.folder.cleanup()


class Live:
    """A writer that goes on, twenty seconds a second, until the end of the block."""

    def __init__(self, seconds=60, series=200):
        self.folder = tempfile.TemporaryDirectory(prefix="plumbline-test-")
        self.path = Path(self.folder.name) / "journal.db"
        self.process = subprocess.Popen([WRITER, self.path, str(seconds), str(series), "live"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "live\n":
            raise AssertionError("the writer did not start")

    def file(self, name):
        return Path(self.folder.name) / name

    def end(self):
        """(commits, failed commits)"""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.wait(30)
        return tuple(map(int, said.split()))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.end()
        self.process.stdout.close()
        self.folder.cleanup()


def read_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def plain(value):
    """OTLP JSON without what may be left out: empty things and zeros; numbers as numbers. A
    number may be text, and a value may stand for a default that another writer leaves out."""
    if isinstance(value, dict):
        found = {key: plain(inner) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner not in ({}, [], "", 0, False, None)}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        try:
            return float(value) if "." in value or "e" in value else int(value)
        except ValueError:
            return value
    return value


def points(requests):
    """Every data point as (metric, attributes, time, the whole point), with what it is measured in,
    sorted: two of the same are two."""
    found = []
    for resource, scope in otlp_json.scopes(requests):
        where = json.dumps(plain([resource["resource"], scope["scope"]]), sort_keys=True)
        for metric in scope["metrics"]:
            kind = otlp_json.kind_of(metric)
            shape = {key: value for key, value in metric[kind].items() if key != "dataPoints"}
            about = json.dumps([metric.get("unit"), metric.get("description"), kind, plain(shape)],
                               sort_keys=True)
            for point in metric[kind]["dataPoints"]:
                name, attributes = otlp_json.series(metric, point)
                found.append((name, attributes, int(point["timeUnixNano"]),
                              json.dumps(plain(point), sort_keys=True), about, where))
    return sorted(found)


def between(found, first, last):
    """The points of [first, last), seconds of the writer's clock."""
    return [point for point in found
            if (START + first) * 10**9 <= point[2] < (START + last) * 10**9]
