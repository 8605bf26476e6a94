# SPDX-License-Identifier: Apache-2.0
"""The committed dashboards, and what Grafana makes of their queries."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from servers import ROOT

GENERATED = ROOT / "dashboards/generated"
# What Grafana makes of $__rate_interval: four scrapes at least.
WINDOWS = {"$__rate_interval": "15s", "$__interval": "15s", "$__range": "1h"}


def load(folder="dashboards"):
    return [json.loads(path.read_text()) for path in sorted((GENERATED / folder).glob("*.json"))]


def panels(board):
    """All panels that draw something, also those in closed rows."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def variables(board, kind="query"):
    return [variable for variable in board["templating"]["list"] if variable["type"] == kind]


def quoted_pattern(value):
    """A value as Grafana puts it into a PromQL regular expression."""
    return re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\\\1", value)


def expand(text, chosen):
    """`chosen`: {variable: what stands for it}."""
    for name, value in {**chosen, **WINDOWS}.items():
        text = text.replace(f"${{{name.lstrip('$')}}}", value).replace(f"${name.lstrip('$')}", value)
    return text


def everything(board):
    """What "All" of each variable stands for."""
    return {variable["name"]: variable.get("allValue") or "" for variable in variables(board)}


def parse_errors(expressions):
    """{expression: promtool's complaint} of those that are not PromQL."""
    def complaint(batch):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "all", "rules": [
                {"record": f"r{number}", "expr": expression} for number, expression in enumerate(batch)]}]}, file)
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
        return done.stderr if done.returncode else ""
    expressions = sorted(set(expressions))
    if not complaint(expressions):
        return {}
    return {one: text for one in expressions if (text := complaint([one]))}
