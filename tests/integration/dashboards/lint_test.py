# SPDX-License-Identifier: Apache-2.0
"""Every board before every rule, and every rule before a board it must not let pass."""

import copy
import re
import unittest

import lint
from boards import GENERATED, load, panels, variables

ABOUT_AGENTS = {"Plumbline / Nodes", "Plumbline / Workloads", "Plumbline / Agents"}


class Boards(unittest.TestCase):
    def test_there_are_seven(self):
        boards = load()
        self.assertEqual(len(boards), 7)
        self.assertEqual(len({board["uid"] for board in boards}), 7)
        self.assertEqual(len({board["title"] for board in boards}), 7)

    def test_pass_all_rules_but_those_about_jobs_where_there_is_none(self):
        for board in load():
            with self.subTest(board["title"]):
                allowed = set() if board["title"] in ABOUT_AGENTS else lint.OF_JOBS
                found = lint.findings(board)
                self.assertEqual({name: said for name, said in found.items() if name not in allowed}, {})

    def test_exclusions_are_told_to_the_linter_itself(self):
        text = (GENERATED / "dashboards/.lint").read_text()
        self.assertEqual(set(re.findall(r"^  ([\w-]+):$", text, re.MULTILINE)), lint.OF_JOBS)
        excluded = set(re.findall(r"- dashboard: (.+)$", text, re.MULTILINE))
        self.assertEqual(excluded, {board["title"] for board in load()} - ABOUT_AGENTS)

    def test_provisioning_leaves_no_orphans_and_knows_the_scrape_interval(self):
        """loopover #5714: boards that cannot be deleted; defenseclaw #412: a rate over one sample."""
        provider = (GENERATED / "provisioning/dashboards/plumbline.yaml").read_text()
        self.assertIn("disableDeletion: false", provider)
        self.assertIn("allowUiUpdates: false", provider)
        datasource = (GENERATED / "provisioning/datasources/plumbline.yaml").read_text()
        self.assertRegex(datasource, r"timeInterval: \d+s")
        self.assertIn("prune: true", datasource)
        self.assertNotIn("$", provider + datasource)


def first(board):
    return next(iter(panels(board)))


def expr(text):
    def change(board):
        first(board)["targets"][0]["expr"] = text
    return change


def loki(text):
    def change(board):
        first(board)["targets"][0] |= {"expr": text, "datasource": {"type": "loki", "uid": "${datasource}"}}
    return change


def variable(which, **values):
    def change(board):
        next(one for one in board["templating"]["list"] if one["name"] == which).update(values)
    return change


def drop_variable(name):
    def change(board):
        board["templating"]["list"] = [one for one in board["templating"]["list"] if one["name"] != name]
    return change


def panel(**values):
    return lambda board: first(board).update(values)


def defaults(**values):
    return lambda board: first(board)["fieldConfig"]["defaults"].update(values)


CHOSEN = 'job=~"$job",instance=~"$instance"'
# What each rule must find. The published boards behind some of them are named in the research.
FAULTS = {
    "template-datasource-rule": [variable("datasource", name="ds"), variable("datasource", label="Source")],
    "template-job-rule": [drop_variable("job"), variable("job", allValue="")],
    "template-instance-rule": [drop_variable("instance"), variable("instance", multi=False)],
    "template-label-promql-rule": [variable("job", query="label_values(up{, job)"), variable("job", query="jobs()")],
    "template-on-time-change-reload-rule": [variable("job", refresh=1)],
    "panel-datasource-rule": [panel(datasource={"type": "prometheus", "uid": "abc"})],
    "panel-title-description-rule": [panel(title=""), panel(description="")],
    "panel-units-rule": [defaults(unit=None), defaults(unit="bananas")],
    "panel-no-targets-rule": [panel(targets=[])],
    # Pyrra's own board asks this of a range vector.
    "target-promql-rule": [expr(f"sum(up{{{CHOSEN}}}[$__rate_interval])"), expr("rate(")],
    "target-logql-rule": [loki("sum(nothing)")],
    "target-logql-auto-rule": [loki('rate({job="x"}[5m])')],
    "target-rate-interval-rule": [expr(f"rate(a_total{{{CHOSEN}}}[5m])"), expr(f"increase(a_total{{{CHOSEN}}}[1h])")],
    "target-job-rule": [expr('up{instance=~"$instance"}')],
    "target-instance-rule": [expr('up{job=~"$job"}')],
    # clickhouse-mixin compares counters with 1.
    "target-counter-agg-rule": [expr(f"a_total{{{CHOSEN}}} > 1"), expr(f"sum(a_total{{{CHOSEN}}})")],
    "uneditable-dashboard": [lambda board: board.update(editable=True)],
    "all-means-something-rule": [variable("job", allValue=None)],
    "no-inputs-of-the-import-wizard-rule": [panel(datasource={"uid": "${DS_PROMETHEUS}"})],
    "variables-are-used-and-known-rule": [expr('up{zone=~"$zone"}')],
    "panels-say-why-they-are-empty-rule": [defaults(noValue="")],
    "panels-lead-on-rule": [panel(links=[])],
    "histograms-are-read-by-their-bounds-rule": [expr(f"histogram_quantile(0.9, sum(rate(a_bucket{{{CHOSEN}}}[$__rate_interval])))")],
    "pointers-are-shared-and-exemplars-off-rule": [lambda board: board.update(graphTooltip=0)],
}


class Rules(unittest.TestCase):
    def test_seventeen_are_the_linter_s(self):
        self.assertEqual(len(lint.LINTER), 17)

    def test_each_finds_its_fault(self):
        node = next(board for board in load() if board["title"] == "Plumbline / Nodes")
        self.assertEqual(set(FAULTS), set(lint.RULES))
        for name, faults in FAULTS.items():
            for number, fault in enumerate(faults):
                with self.subTest(name, number=number):
                    board = copy.deepcopy(node)
                    self.assertEqual(list(lint.RULES[name](board)), [])
                    fault(board)
                    self.assertNotEqual(list(lint.RULES[name](board)), [])



if __name__ == "__main__":
    unittest.main()
