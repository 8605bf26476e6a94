# SPDX-License-Identifier: Apache-2.0
"""A part of README.md that a program writes: what stands between <!-- NAME --> and <!-- /NAME -->, each
on a line of its own."""

import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def put(text, name, report):
    """`text` with `report` between the markers of `name`."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        sys.exit(f"README.md has not one pair of markers for {name}")
    head, rest = text.split(begin)
    return head + begin + report.strip() + "\n" + end + rest.split(end)[1]
