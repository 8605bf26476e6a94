# SPDX-License-Identifier: Apache-2.0
"""`plumbline generate` on the two documents of the design: its rules before promtool, its routes
before amtool and a real Alertmanager, and the faults of other generators as regression tests."""

import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from servers import PROGRAM, free_port, wait_until

MANIFESTS = Path(__file__).resolve().parents[2] / "golden/manifest/platform.yaml"
OTHERS = MANIFESTS.with_name("others.yaml")
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


class Others(unittest.TestCase):
    """The other kinds, and objectives of queries: groups, calendars, slices, maintenance."""

    @classmethod
    def setUpClass(cls):
        cls.out = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.made = generate(cls.out, manifests=OTHERS)

    def records(self, slo):
        """{name: expression} of the recording rules of an objective."""
        found, name = {}, None
        for line in (self.out / f"prometheus/rules/{slo}.yml").read_text().splitlines():
            word, _, rest = line.strip().partition(": ")
            if word in ("- record", "- alert"):
                name = rest if word == "- record" else None
            elif name and line.startswith(" " * 10):
                found[name] = found.get(name, "") + line.strip() + "\n"
            elif word == "labels:":
                name = None
        return found

    def judge(self, slo, interval, series, checks, rules=True):
        """promtool on the rules of an objective, or on expressions alone."""
        with tempfile.TemporaryDirectory() as folder:
            test = Path(folder) / "test.yml"
            test.write_text(json.dumps({
                "rule_files": [str(self.out / f"prometheus/rules/{slo}.yml")] if rules else [],
                "evaluation_interval": interval,
                "tests": [{"interval": interval,
                           "input_series": [{"series": name, "values": values}
                                            for name, values in series.items()],
                           "promql_expr_test": [
                               {"expr": expr, "eval_time": time, "exp_samples": [
                                   {"labels": labels, "value": value}
                                   for labels, value in samples]}
                               for expr, time, samples in checks]}]}))
            done = run("promtool", "test", "rules", test)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_good_and_do_what_their_tests_say(self):
        self.assertEqual((self.made.returncode, self.made.stderr), (0, ""))
        for rules in sorted((self.out / "prometheus/rules").iterdir()):
            done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", rules)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tests = sorted((self.out / "prometheus/tests").iterdir())
        self.assertEqual([test.stem for test in tests],
                         ["main-kafka-availability", "main-kafka-limits", "plumbline"])
        for test in tests:
            done = run("promtool", "test", "rules", test)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_nothing_measures_is_kept_and_told(self):
        told = run(PROGRAM, "explain", OTHERS)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("kept, and blind: nothing measures GPUs yet", told.stdout)
        self.assertIn("kept, and blind: nothing measures model servers yet", told.stdout)
        self.assertFalse((self.out / "prometheus/rules/training-availability.yml").exists())

    def test_each_group_has_its_alert_and_the_cap_holds(self):
        fires = 'ALERTS{alertname="SloSearchRoutesBurn",alertstate="firing",slo_tier="fast"}'
        request = 'http_requests_total{{route="{}",code="{}"}}'
        self.judge("search-routes", "1m", {
            request.format("/a", 200): "0+1000x60 60000+0x60",
            request.format("/a", 500): "0+0x60 0+1000x60",
            request.format("/b", 200): "0+900x120",
            request.format("/quiet", 200): "0+0x60 0+0x60",
            request.format("/quiet", 500): "0+1x120"},
            [(f"count by (route) ({fires})", "110m", [('{route="/a"}', 1)]),
             ("count(slo:events_all:sum5m)", "110m", [("{}", 2)]),
             ('count(ALERTS{alertname="SloSearchRoutesGroups",alertstate="firing"})', "110m",
              [("{}", 1)]),
             ('round(100 * sum by (route) (slo:error:ratio1h{route="/b"}))', "110m",
              [('{route="/b"}', 0)])])

    def test_maintenance_counts_for_nothing(self):
        ok, bad = 'http_requests_total{code="200"}', 'http_requests_total{code="500"}'
        self.judge("checkout-errors", "1m",
                   {ok: "0+1000x200", bad: "0+0x65 0+1000x50 50000+0x85"},
                   [(f"count({FIRING}) or vector(0)", "180m", [("{}", 0)]),
                    ("sum(slo:events_bad:sum2h)", "180m", [("{}", 0)]),
                    ("sum(slo:error_budget_remaining:ratio)", "180m", [("{}", 1)])])

    def test_a_month_and_a_quarter_begin_anew(self):
        """Ten bad events in each five minutes of January, one in each of February and later."""
        day = 4  # promtool holds few samples: steps of six hours instead of five minutes
        series = {f'slo:events_bad:sum5m{{slo="search-{name}"}}':
                  f"_ 10x{31 * day - 1} 1x{90 * day}" for name in ("monthly", "quarterly")}
        month, quarter = (re.sub(r"d:5m\]", "d:6h]", self.records(f"search-{name}")[record])
                          for name, record in (("monthly", "slo:events_bad:month"),
                                               ("quarterly", "slo:events_bad:quarter")))
        month, quarter = f"sum({month})", f"sum({quarter})"
        january = 31 * day * 10
        self.judge("", "6h", series, [
            (month, "30d", [("{}", 30 * day * 10)]),
            (month, "31d", [("{}", january)]),
            (month, "31d6h", [("{}", 1)]),
            (month, "45d", [("{}", 14 * day)]),
            (month, "60d", [("{}", day)]),
            (quarter, "60d", [("{}", january + 29 * day)]),
            (quarter, "90d", [("{}", january + 59 * day)]),
            (quarter, "91d", [("{}", day)])], rules=False)

    def test_slices_count_moments(self):
        """A third of the minutes have 10 % bad events, the others 1 %: a slice allows 5 %."""
        tried, failed = ["0"], ["0"]
        for minute in range(1, 121):
            tried.append(str(minute * 1000))
            failed.append(str(int(failed[-1]) + (100 if minute > 80 else 10)))
        self.judge("search-slices", "1m",
                   {"tried_total": " ".join(tried), "failed_total": " ".join(failed)},
                   [("sum(slo:slices_bad:count)", "70m", [("{}", 0)]),
                    ("sum(slo:slices_bad:count)", "100m", [("{}", 1)]),
                    ("round(sum(slo:events_bad:sum30m))", "119m", [("{}", 30)])])

    def test_moments_of_a_gauge(self):
        self.judge("search-queue", "1m", {'queue_age_seconds{a="b"}': "5x60 100x60"},
                   [("sum(slo:slices_bad:count)", "50m", [("{}", 0)]),
                    ("sum(slo:events_bad:sum30m)", "110m", [("{}", 30)]),
                    (f"{FIRING} and on () vector(1)", "50m", [])])

    def test_exported_documents_of_openslo_come_back_as_the_same_queries(self):
        with tempfile.TemporaryDirectory() as folder:
            done = generate(folder, manifests=self.out / "openslo/checkout.yaml")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            again = Path(folder) / "openslo/checkout.yaml"
            queries = [[line for line in path.read_text().splitlines() if "query:" in line]
                       for path in (self.out / "openslo/checkout.yaml", again)]
        self.assertEqual(len(queries[0]), 2)
        self.assertEqual(queries[0], queries[1])


class Imported(unittest.TestCase):
    def test_rules_of_sloth_and_pyrra_files(self):
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "slos"
            files.mkdir()
            (files / "sloth.yaml").write_text("""version: prometheus/v1
service: api
slos:
  - name: errors
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
""")
            (files / "pyrra.yaml").write_text("""apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: search}
spec:
  target: "99"
  window: 4w
  indicator:
    latency: {success: {metric: 'd_seconds_bucket{le="1"}'}, total: {metric: d_seconds_count},
              grouping: [route]}
""")
            done = generate(Path(folder) / "out", manifests=files)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            rules = sorted((Path(folder) / "out/prometheus/rules").iterdir())
            self.assertEqual([path.stem for path in rules], ["api-errors", "plumbline", "search-latency"])
            for path in rules:
                done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", path)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            # Pyrra's thresholds stay 14, 7, 2 and 1 whatever the window is; 28 days have 13.44.
            self.assertIn("> 0.1344", rules[2].read_text())


class Many(unittest.TestCase):
    """Ten thousand manifests: ten times what a thousand cost, not a hundred times, and little memory."""

    def check(self, number):
        """Seconds of CPU and the most memory, in MiB, that it takes to check so many."""
        with tempfile.TemporaryDirectory() as folder:
            for i in range(number):
                other = f", dependsOn: [stream-{i - 1}]" if i else ""
                (Path(folder) / f"{i}.yaml").write_text(
                    "apiVersion: platform.sivaro.io/v1\nkind: DataPipeline\n"
                    f"metadata: {{name: stream-{i}}}\n"
                    f"spec: {{source: {{topic: t{i}, consumerGroup: g}}{other}}}\n")
            process = subprocess.Popen([PROGRAM, "check", "--manifests", folder], stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

    def test_are_checked_in_linear_time_and_bounded_memory(self):
        few, _ = self.check(1_000)
        many, memory = self.check(10_000)
        self.assertLess(many / few, 25)
        self.assertLess(memory, 256)


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
