# SPDX-License-Identifier: Apache-2.0
"""How the comparisons show what they measured: Markdown, with the machine and the day."""

import datetime
import os
import pathlib
import statistics


def machine():
    """The line above a table: a figure means nothing without its machine."""
    cpu = next((line.split(":", 1)[1].strip()
                for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if line.startswith("model name")), "unknown processor")
    return (f"{cpu}, {os.cpu_count()} CPUs, kernel {os.uname().release}, "
            f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}")


def figure(value):
    """Three significant digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(values):
    """Median (lowest–highest)."""
    if not values:
        return "–"
    return f"{figure(statistics.median(values))} ({figure(min(values))}–{figure(max(values))})"


def table(rows):
    """`rows`: by the name of what was measured, a list of rounds, each a dictionary of figures. A
    figure that a round has not is left out of the median."""
    names = list(rows)
    labels = list(dict.fromkeys(label for rounds in rows.values() for row in rounds for label in row))
    out = ["| figure | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for label in labels:
        cells = [cell([row[label] for row in rows[name] if label in row]) for name in names]
        out.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(out)
