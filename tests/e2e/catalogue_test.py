# SPDX-License-Identifier: Apache-2.0
"""What leaves the agent is a contract: dashboards and alerts stand on its names. tests/golden has one
line for each metric as OTLP and as Prometheus have it, without values, so that a change of a name,
unit, type or attribute shows in a review. After a change that is meant,

    PLUMBLINE_GOLDEN=refresh ctest --test-dir build/dev -R catalogue_golden

writes them anew."""

import json
import os
import re
import subprocess
import unittest

from servers import PROGRAM, ROOT

GOLDEN = ROOT / "tests/golden"
TYPES = {"counter": "counter", "updowncounter": "gauge", "gauge": "gauge", "histogram": "histogram"}
REFRESH = "PLUMBLINE_GOLDEN=refresh ctest --test-dir build/dev -R catalogue_golden"


def prometheus_type(metric):
    kind = TYPES[metric["instrument"]]
    # promtool keeps this suffix for histograms; the Collector and others name gauges so.
    return "untyped" if kind == "gauge" and metric["prometheus_name"].endswith("_sum") else kind


def line(*words, attributes):
    return " ".join([*words, f"[{', '.join(attributes)}]"])


class Catalogue(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run = subprocess.run([PROGRAM, "catalog", "--output", "json"], capture_output=True, text=True, check=True)
        cls.metrics = json.loads(run.stdout)["metrics"]

    def compare(self, name, lines):
        path = GOLDEN / name
        text = "".join(f"{entry}\n" for entry in sorted(lines))
        if os.environ.get("PLUMBLINE_GOLDEN") == "refresh":
            path.write_text(text)
        self.maxDiff = None
        self.assertEqual(path.read_text(), text, f"if it is meant: {REFRESH}")

    def test_otlp_names_are_those_on_record(self):
        self.compare("otlp_metrics.txt", [
            line(m["name"], m["unit"], m["instrument"], attributes=m["attributes"]) for m in self.metrics])

    def test_prometheus_names_are_those_on_record(self):
        self.compare("prometheus_metrics.txt", [
            line(m["prometheus_name"], prometheus_type(m),
                 attributes=[re.sub(r"\W+", "_", key) for key in m["attributes"]])
            for m in self.metrics])

    def test_names_are_unique(self):
        for key in ("name", "prometheus_name"):
            names = [m[key] for m in self.metrics]
            self.assertEqual([name for name in names if names.count(name) > 1], [])

    def test_every_metric_says_what_it_is_and_where_it_comes_from(self):
        for metric in self.metrics:
            with self.subTest(metric["name"]):
                self.assertTrue(metric["description"] and metric["source"] and metric["unit"])


if __name__ == "__main__":
    unittest.main()
