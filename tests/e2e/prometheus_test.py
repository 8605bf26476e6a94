# SPDX-License-Identifier: Apache-2.0
"""The whole agent into a real Prometheus: scraped, and pushed to its OTLP endpoint. What both make of
it must have the same names."""

import re
import shutil
import subprocess
import unittest

from servers import Agent, Prometheus, free_port

NAMES_MIN = 150


class Exposition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = cls.enterClassContext(Agent())
        cls.agent.wait_collecting()
        cls.text = cls.agent.get("/metrics")

    def test_every_name_has_help_and_type(self):
        helps = set(re.findall(r"^# HELP (\S+) .", self.text, re.MULTILINE))
        types = set(re.findall(r"^# TYPE (\S+) ", self.text, re.MULTILINE))
        samples = set(re.findall(r"^([a-zA-Z_:][\w:]*)", self.text, re.MULTILINE))
        bare = {name for name in samples
                if name not in types and re.sub(r"_(bucket|sum|count)$", "", name) not in types}
        self.assertEqual(bare, set())
        self.assertEqual(helps, types)
        self.assertGreaterEqual(len(helps), NAMES_MIN)

    def test_promtool_is_silent(self):
        promtool = shutil.which("promtool")
        self.assertIsNotNone(promtool, "promtool is in Debian's package prometheus")
        run = subprocess.run([promtool, "check", "metrics"], input=self.text, capture_output=True, text=True,
                             check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_no_sample_comes_twice(self):
        samples = [line.rsplit(" ", 1)[0] for line in self.text.splitlines() if not line.startswith("#")]
        self.assertEqual(len(samples), len(set(samples)))


class BothWays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.prometheus = cls.enterClassContext(Prometheus({"scraped": f"127.0.0.1:{port}"}))
        cls.agent = cls.enterClassContext(Agent({
            "listen": f"127.0.0.1:{port}",
            "otlp": [{"endpoint": cls.prometheus.url("/api/v1/otlp")}]}))
        cls.agent.wait_collecting()
        cls.agent.wait_ready(lambda: cls.prometheus.query("query", query='up{job="scraped"} == 1')["result"])
        cls.agent.wait_ready(lambda: cls.names('job!="scraped"') >= {"system_cpu_time_seconds_total"})

    @classmethod
    def names(cls, selector):
        return set(cls.prometheus.query("label/__name__/values", **{"match[]": '{__name__=~".+",%s}' % selector}))

    def test_the_scrape_is_whole(self):
        health = self.prometheus.query("targets")["activeTargets"][0]
        self.assertEqual((health["health"], health["lastError"]), ("up", ""))
        families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in self.names('job="scraped"')}
        self.assertGreaterEqual(len(families), NAMES_MIN)

    def test_otlp_and_the_scrape_have_the_same_names(self):
        own = {"target_info", "up"}
        own |= {name for name in self.names('job="scraped"') if name.startswith("scrape_")}
        scraped = {re.sub(r"_bucket$", "", name) for name in self.names('job="scraped"') - own
                   if not self.part_of_histogram(name)}
        # Prometheus' own translation ends gauges in _count, which promtool refuses on a page.
        pushed = {re.sub(r"_count$", "_number", name) for name in self.names('job!="scraped"') - own}
        # What exists only since a moment ago is in one of them first.
        self.assertEqual({name for name in pushed ^ scraped if self.is_old(name)}, set())

    def part_of_histogram(self, name):
        base = re.sub(r"_(sum|count)$", "", name)
        return base != name and f"{base}_bucket" in self.names('job="scraped"')

    def is_old(self, name):
        result = self.prometheus.query("query", query=f'{{__name__=~"{name}(_bucket)?"}} offset 5s')["result"]
        return bool(result)

    def test_the_resource_becomes_target_info(self):
        info = self.prometheus.query("query", query='target_info{job!="scraped"}')["result"]
        self.assertEqual(len(info), 1)
        self.assertTrue(info[0]["metric"]["host_name"])

    def test_both_say_the_same_number(self):
        # The boot time does not move between the two ways.
        def both():
            result = self.prometheus.query(
                "query", query='max by (job) (system_memory_limit_bytes)')["result"]
            return result if len(result) == 2 else None
        values = {sample["value"][1] for sample in self.agent.wait_ready(both)}
        self.assertEqual(len(values), 1)


if __name__ == "__main__":
    unittest.main()
