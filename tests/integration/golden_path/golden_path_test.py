# SPDX-License-Identifier: Apache-2.0
"""`plumbline generate` on the two documents of the design: its rules before promtool, its routes
before amtool and a real Alertmanager, and the faults of other generators as regression tests."""

import datetime
import json
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from servers import PROGRAM, free_port, wait_until

MANIFESTS = Path(__file__).resolve().parents[2] / "golden/manifest/platform.yaml"
FIRING = 'count by (alertname, slo_tier) (ALERTS{alertstate="firing"})'
QUERIES = "production-metrics-queries"
ALL = 'plumbline_clickhouse_query_count_total{server_address="ch-1"}'
BAD = 'plumbline_clickhouse_query_failures_total{server_address="ch-1"}'


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=300, **options)


def generate(out, *more, manifests=MANIFESTS):
    return run(PROGRAM, "generate", manifests, "--out", out, *more)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.out = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.made = generate(cls.out)

    def good(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout[-4000:]}{done.stderr}")
        return done.stdout

    def promtool(self, series, **checks):
        """A test of the rules for queries, of these series by the minute."""
        with tempfile.TemporaryDirectory() as folder:
            test = Path(folder) / "test.yml"
            test.write_text(json.dumps({
                "rule_files": [str(self.out / f"prometheus/rules/{QUERIES}.yml")],
                "evaluation_interval": "1m",
                "tests": [{"interval": "1m",
                           "input_series": [{"series": name, "values": values}
                                            for name, values in series.items()], **checks}]}))
            return run("promtool", "test", "rules", test)


class Generated(Case):
    def test_takes_the_documents_as_they_stand(self):
        self.assertEqual((self.made.returncode, self.made.stderr), (0, ""))

    def test_rules_are_good(self):
        for rules in sorted((self.out / "prometheus/rules").iterdir()):
            self.good("promtool", "check", "rules", "--lint=all", "--lint-fatal", rules)

    def test_rules_do_what_their_tests_say(self):
        tests = sorted((self.out / "prometheus/tests").iterdir())
        self.assertEqual(len(tests), 8)
        for test in tests:
            with self.subTest(test.name):
                self.good("promtool", "test", "rules", test)

    def test_a_rule_that_is_wrong_fails_its_test(self):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(self.out, copy, dirs_exist_ok=True)
            rules = Path(copy) / f"prometheus/rules/{QUERIES}.yml"
            rules.write_text(rules.read_text().replace("> 0.144", "> 1.44"))
            done = run("promtool", "test", "rules", Path(copy) / f"prometheus/tests/{QUERIES}.yml")
            self.assertEqual(done.returncode, 1, done.stdout)

    def test_routes_are_good_and_lead_to_the_team(self):
        config = self.out / "alertmanager/alertmanager.yml"
        self.good("amtool", "check-config", config)
        route = ["amtool", "config", "routes", "test", f"--config.file={config}"]
        self.assertEqual(self.good(*route, "service=user-events-ingestion").strip(),
                         "user-events-ingestion")
        self.assertEqual(self.good(*route, "service=production-metrics").strip(), "default")

    def test_annotations_are_sentences_with_numbers(self):
        """The alert of an outage, as its receiver reads it."""
        told = self.promtool({ALL: "0+1000x80", BAD: "0+0x60 1000+1000x20"}, alert_rule_test=[
            {"alertname": "SloProductionMetricsQueriesBurn", "eval_time": "75m",
             "exp_alerts": []}]).stderr
        self.assertIn("In the last 1h 15k of 60k events were bad: queries that failed.", told)
        self.assertIn("0% of the error budget of 30 days is left.", told)
        self.assertRegex(told, r"At this rate the rest of it is gone in \d+[dhms]")
        self.assertNotIn("error expanding", told)


class Check(Case):
    def test_finds_every_difference(self):
        def check():
            return generate(self.out, "--check")
        self.assertEqual((check().returncode, check().stdout), (0, ""))
        rules = self.out / f"prometheus/rules/{QUERIES}.yml"
        rules.write_text(rules.read_text().replace("severity", "severitu"))
        (self.out / "alertmanager/alertmanager.yml").unlink()
        (self.out / "prometheus/rules/gone.yml").write_text("")
        done = check()
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stdout.splitlines(),
                         ["alertmanager/alertmanager.yml: missing",
                          f"prometheus/rules/{QUERIES}.yml: differs",
                          "prometheus/rules/gone.yml: no manifest asks for it"])
        (self.out / "prometheus/rules/gone.yml").unlink()
        self.assertEqual(generate(self.out).returncode, 0)
        self.assertEqual(check().returncode, 0)

    def test_writes_nothing_when_a_manifest_is_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = Path(folder) / "wrong.yaml"
            wrong.write_text(MANIFESTS.read_text().replace("shards:", "shrads:"))
            done = generate(Path(folder) / "out", manifests=wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn("wrong.yaml:7:3: error: unknown key", done.stderr)
            self.assertFalse((Path(folder) / "out").exists())


class Faults(Case):
    """What Sloth and Pyrra get wrong."""

    def judge(self, series, expected):
        done = self.promtool(series, promql_expr_test=[
            {"expr": expr, "eval_time": time, "exp_samples": [{"labels": "{}", "value": value}]}
            for expr, time, value in expected])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_sloth_idle_minutes_do_not_make_the_budget_nan(self):
        self.judge({ALL: "0+60x30 1800+0x12 1860+60x30", BAD: "0+0x80"},
                   [("round(1000 * sum(slo:error_budget_remaining:ratio))", "60m", 1000)])

    def test_sloth_an_uneven_day_is_counted_by_events(self):
        """12 h at 6000 a minute, clean, then 12 h at 10 a minute, half of them bad: 0.083 %."""
        self.judge({ALL: "0+6000x720 4320010+10x719", BAD: "0+0x720 5+5x719"},
                   [("round(1e6 * sum(slo:error:ratio1d))", "1440m", 832),
                    ("round(1e4 * sum(slo:error_budget_remaining:ratio))", "1440m", 9168)])

    def test_sloth_minutes_before_the_first_error_count(self):
        """Bad for 15 of 120 minutes at 10 %: 1.25 %, and not 10 %."""
        share = "1 - sum(slo:error_budget_remaining:ratio)"
        self.judge({ALL: "0+1000x120", BAD: "_x60 100+100x14 1500+0x45"},
                   [(f"({share}) > bool 1.15", "120m", 1), (f"({share}) < bool 1.30", "120m", 1)])

    def test_pyrra_a_period_too_short_for_its_windows_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            short = Path(folder) / "short.yaml"
            short.write_text(MANIFESTS.read_text().replace(
                "  shards: 4\n", "  shards: 4\n  objectives: {window: 1d}\n", 1))
            done = generate(Path(folder) / "out", manifests=short)
        self.assertEqual(done.returncode, 2)
        self.assertIn('"1d" is too small', done.stderr)

    def test_no_other_metric_is_taken_for_absent_while_idle(self):
        self.judge({ALL: "0+0x120"}, [(f"count({FIRING}) or vector(0)", "120m", 0)])


class Inhibition(Case):
    """Pyrra's alerts silence those of other objectives; Sloth's page and ticket both arrive."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = free_port()
        cls.url = f"http://127.0.0.1:{port}/api/v2/alerts"
        storage = cls.enterClassContext(tempfile.TemporaryDirectory())
        server = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={cls.out}/alertmanager/alertmanager.yml",
             f"--storage.path={storage}", f"--web.listen-address=127.0.0.1:{port}",
             "--cluster.listen-address="], stderr=subprocess.DEVNULL)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        wait_until("alertmanager answers", lambda: cls.ask() is not None)

    @classmethod
    def ask(cls, alerts=None):
        request = urllib.request.Request(cls.url, headers={"Content-Type": "application/json"})
        if alerts is not None:
            request.data = json.dumps(alerts).encode()
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read() or b"[]")
        except OSError:
            return None

    def test_one_incident_is_one_page_and_objectives_are_apart(self):
        def alert(slo, tier):
            return {"labels": {"alertname": f"Slo{slo}", "slo": slo, "slo_tier": tier,
                               "namespace": "default", "service": "production-metrics"},
                    "startsAt": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        self.ask([alert("a", "fast"), alert("a", "slow"), alert("a", "trickle"),
                  alert("b", "slow"), alert("c", "blind"), alert("c", "fast")])

        def states():
            return {(told["labels"]["slo"], told["labels"]["slo_tier"]): told["status"]["state"]
                    for told in self.ask()}
        wait_until("alertmanager has looked at all alerts",
                   lambda: "unprocessed" not in states().values() and len(states()) == 6)
        self.assertEqual(states(), {("a", "fast"): "active", ("a", "slow"): "suppressed",
                                    ("a", "trickle"): "suppressed", ("b", "slow"): "active",
                                    ("c", "blind"): "active", ("c", "fast"): "active"})
