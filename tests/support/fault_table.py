# SPDX-License-Identifier: Apache-2.0
"""Faults around an agent that runs: receivers that go wrong, a disk that fails, a clock that steps.
Each row of a fault table says what the operator sees; tests/e2e/README.md must say the same."""

import dataclasses
import re
import signal
import struct
from collections import defaultdict

from servers import PROGRAM, ROOT, Server

TESTS = PROGRAM.parent / "tests"

# Few collectors: what is tested is the way, not what travels on it.
QUIET = {"collectors": {name: {"enabled": False} for name in
                        ("sched", "block", "tcp", "memory", "process", "irq", "hardware", "filesystem")},
         "export": {"interval": "400ms"}}


@dataclasses.dataclass(frozen=True)
class Row:
    """`sees`: the one line, a regular expression; `counter`: the sample of /metrics that tells it, as
    a reader of the table writes it; `lost`: what does not arrive."""
    fault: str
    sees: str
    counter: str
    lost: str = "nothing"


class Receivers(Server):
    """OTLP receivers by name, each of a kind of tests/support/faults/receivers.cc. Their faults begin
    and end together."""

    def __init__(self, **kinds):
        super().__init__()
        self.start([TESTS / "faulty_receivers", *(f"{name}={kind}" for name, kind in kinds.items())])
        self.wait_ready(lambda: "ready\n" in self.log())
        self.urls, self.authorities = {}, {}
        for name, url, authority in re.findall(r"^receiver (\S+) (\S+) (\S*)$", self.log(), re.M):
            self.urls[name], self.authorities[name] = url, authority

    def destination(self, name, **settings):
        trust = {"ca_file": self.authorities[name]} if self.authorities[name] else {}
        return {"name": name, "endpoint": self.urls[name], "compression": "none", **trust, **settings}

    def begin_faults(self):
        self.process.send_signal(signal.SIGUSR1)
        self.wait_ready(lambda: "fault begins\n" in self.log())

    def end_faults(self):
        self.process.send_signal(signal.SIGUSR2)
        self.wait_ready(lambda: "fault ends\n" in self.log())

    def _numbers(self, what):
        found = defaultdict(list)
        for name, number in re.findall(rf"^{what} (\S+) (\d+)", self.log(), re.M):
            found[name].append(int(number))
        return found

    def taken(self, name):
        """The numbers of the exports it took, in order."""
        return self._numbers("took")[name]

    def refused(self, name):
        return self._numbers("refused")[name]

    def met(self, name):
        """How many requests came in while it was at fault."""
        return len(re.findall(rf"^met {name}$", self.log(), re.M))

    def inverted(self):
        return re.findall(r"^inverted .*$", self.log(), re.M)

    def times(self, name):
        """{number of an export: its time in nanoseconds}"""
        return {int(number): int(time)
                for number, time in re.findall(rf"^took {name} (\d+) (\d+)$", self.log(), re.M)}


class Machine:
    """What a program meets that was started with `environment()`: a failing disk, another clock."""

    FORM = "qqiii"  # struct Control of tests/support/faults/preload.cc

    def __init__(self, file, below):
        self.file, self.below = file, below
        self.state = {"clock_offset_ns": 0, "suspended_ns": 0, "write_errno": 0, "sync_errno": 0, "sync_ms": 0}
        file.write_bytes(b"\0" * struct.calcsize(self.FORM))

    def environment(self):
        return {"LD_PRELOAD": str(TESTS / "libfault_preload.so"), "PLUMBLINE_FAULTS": str(self.file),
                "PLUMBLINE_FAULT_PATH": str(self.below)}

    def set(self, **changes):
        self.state.update(changes)
        with open(self.file, "r+b") as control:
            control.write(struct.pack(self.FORM, *self.state.values()))


def sample(text, series):
    """The value of a series of Prometheus text that has all labels of `series`, name{label="value"};
    None when there is none."""
    name, _, labels = series.rstrip("}").partition("{")
    wanted = set(re.findall(r'\w+="[^"]*"', labels))
    for found, others, value in re.findall(r"^(\w+)(?:\{(.*?)\})? (\S+)$", text, re.M):
        if found == name and wanted <= set(re.findall(r'\w+="[^"]*"', others)):
            return float(value)
    return None


def lines(log, *words, levels=("error", "warning")):
    """The lines of these levels in an agent's log that have all the words."""
    return [line for line in log.splitlines()
            if re.match(rf"\S+ ({'|'.join(levels)}) ", line) and all(word in line for word in words)]


def documented():
    """{fault: the other cells} of the tables in tests/e2e/README.md."""
    rows = {}
    for line in (ROOT / "tests/e2e/README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5:
            rows[cells[0]] = cells[1:]
    return rows


def check_documented(test, rows, file):
    """The table says of each row what `rows` says, and names the case that proves it."""
    table = documented()
    for name, row in rows.items():
        with test.subTest(name):
            test.assertIn(row.fault, table)
            seen, counter, lost, where = (cell.strip("`") for cell in table[row.fault])
            test.assertRegex(seen, row.sees)
            test.assertEqual((counter, lost), (row.counter, row.lost))
            test.assertEqual(where, f"{file}: {case_name(name)}")
            test.assertTrue(hasattr(test, case_name(name)))


def case_name(row):
    return f"test_{row.replace('-', '_')}"
