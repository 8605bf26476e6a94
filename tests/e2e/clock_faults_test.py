# SPDX-License-Identifier: Apache-2.0
"""The fault table, clock: it is set forward, set back and stopped by sleep while the agent runs. Every
export arrives, no interval is negative, times go on where the clock is, one line and one count."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from fault_table import QUIET, Machine, Receivers, Row, check_documented, lines, sample
from servers import Agent

HOUR = 3600 * 10**9
JUMPS = 'plumbline_clock_jumps_total{{cause="{}"}}'
ROWS = {
    "forward": Row("clock set forward", r"the clock was set forward by 3600\.\d s; all series go on from there",
                   JUMPS.format("set_forward")),
    "back": Row("clock set back", r"the clock was set back by 3600\.\d s; all series go on from there",
                JUMPS.format("set_back")),
    "suspend": Row("machine slept", r"the machine slept for 3600\.\d s, of which nothing is known",
                   JUMPS.format("suspend")),
}
CHANGES = {"forward": {"clock_offset_ns": HOUR}, "back": {"clock_offset_ns": -HOUR},
           "suspend": {"suspended_ns": HOUR}}


class ClockFaults(unittest.TestCase):
    def check(self, name):
        row = ROWS[name]
        with TemporaryDirectory(prefix="plumbline-test-") as folder, Receivers(only="well") as receivers:
            machine = Machine(Path(folder) / "control", folder)
            settings = {**QUIET, "otlp": [receivers.destination("only")]}
            with Agent(settings, environment=machine.environment()) as agent:
                def wait_taken(count):
                    begun = max(receivers.taken("only"), default=0)
                    agent.wait_ready(lambda: max(receivers.taken("only"), default=0) >= begun + count)
                wait_taken(5)
                machine.set(**CHANGES[name])
                agent.wait_ready(lambda: " clock: " in agent.log())
                jumped = max(receivers.taken("only"))
                wait_taken(10)
                agent.wait_ready(lambda: sample(agent.get("/metrics"), row.counter) == 1)
                self.assertEqual(agent.stop(), 0)
                told = lines(agent.log())
                self.assertEqual(len(told), 1, told)
                self.assertRegex(told[0], row.sees)
            times = receivers.times("only")
            last = max(times)
            self.assertEqual(sorted(times), list(range(1, last + 1)), "lost")
            self.assertEqual(receivers.inverted(), [])
            # An export is 0.4 s after the one before, but for the jump.
            steps = [(times[number + 1] - times[number]) / 10**9 for number in range(1, last)]
            expected = -3600 if name == "back" else 3600
            there = [step for step in steps if abs(step) > 1800]
            self.assertEqual(len(there), 1, steps)
            self.assertAlmostEqual(there[0], expected, delta=600)
            after = steps[jumped + 1:]
            self.assertTrue(all(0 < step < 1800 for step in after), steps)
            # Nothing stands still until the clock is where it was.
            self.assertGreater(sum(after), 0.05 * len(after), steps)

    def test_each_row_stands_in_the_readme(self):
        check_documented(self, ROWS, "clock_faults_test.py")


for _name in ROWS:
    setattr(ClockFaults, f"test_{_name}", lambda self, name=_name: self.check(name))


if __name__ == "__main__":
    unittest.main()
