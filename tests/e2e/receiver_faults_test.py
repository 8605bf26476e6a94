# SPDX-License-Identifier: Apache-2.0
"""The fault table, receivers: one agent with a journal and a destination for each fault. All go wrong
at once for a while, in which the agent is killed and started again, and all come back; then each has
every export, and the log of each run one line about it."""

import re
import unittest

from fault_table import QUIET, Receivers, Row, case_name, check_documented, lines, sample
from servers import PROGRAM, Agent, wait_until


def retries(error):
    return f'plumbline_destination_retries_total{{error_type="{error}"}}'


def items(outcome):
    return f'plumbline_destination_items_total{{outcome="{outcome}"}}'


KEPT = r"does not take data, it is kept and tried again: "
ROWS = {
    "slow": Row("slow receiver", r"is slow: it took \d+ ms of the 2900 ms it has to answer",
                "plumbline_destination_queue_age_seconds"),
    "tls-expired": Row("TLS certificate expired",
                       KEPT + r"the certificate of \S+ is not trusted: certificate has expired; "
                       r"it must be renewed there, or the clock here is wrong", retries("no_answer")),
    "tls-wrong-ca": Row("certificate of another CA", KEPT + r"the certificate of \S+ is not trusted: .*; "
                        r"ca_file must name the authority that signed it", retries("no_answer")),
    "throttled": Row("429 with Retry-After", KEPT + r"HTTP status 429", retries("throttled")),
    "unavailable": Row("503", KEPT + r"HTTP status 503: maintenance", retries("throttled")),
    "exhausted-retry": Row("RESOURCE_EXHAUSTED with RetryInfo", KEPT + r"RESOURCE_EXHAUSTED: busy",
                           retries("throttled")),
    "exhausted": Row("RESOURCE_EXHAUSTED without RetryInfo",
                     r"\d+ items of metrics, the first is \S+, are refused for good: "
                     r"RESOURCE_EXHAUSTED: the quota is used up", items("rejected"), lost="what it refused"),
    "partial": Row("partial success", r"took \d+ of \d+ items and says: two are too old", items("rejected"),
                   lost="the items it names"),
    "reset": Row("connection reset in the middle of a request", KEPT + r"the connection broke: .*reset",
                 retries("no_answer")),
    "silent": Row("a receiver that never answers", KEPT + r"no answer from \S+ in time", retries("no_answer")),
}
EXPORTS_IN_FAULT = 6
# The slow one takes 1.5 s, more than half of it.
TIMEOUTS = {"slow": "2900ms", "silent": "3s"}


class ReceiverFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.receivers = cls.enterClassContext(Receivers(**{name: name for name in ROWS}))
        destinations = [cls.receivers.destination(name, timeout=TIMEOUTS.get(name, "10s"))
                        for name in ROWS]
        cls.agent = cls.enterClassContext(Agent({**QUIET, "otlp": destinations}))
        cls.wait_taken(2)
        cls.receivers.begin_faults()
        cls.wait_all_met()
        cls.agent.process.kill()
        cls.agent.process.wait()
        cls.logs = [cls.agent.log()]
        (cls.agent.path / "log").unlink()
        cls.agent.start([PROGRAM, "run", "--config", cls.agent.file])
        cls.wait_all_met()
        cls.receivers.end_faults()
        cls.wait_taken(cls.number() + 2)
        cls.agent.stop()
        cls.logs.append(cls.agent.log())
        cls.last = max(max(cls.receivers.taken(name)) for name in ROWS)

    @classmethod
    def wait_all_met(cls):
        """Until the faults have lasted several exports and each is counted."""
        begun = cls.number()
        cls.agent.wait_ready(lambda: cls.number() >= begun + EXPORTS_IN_FAULT and all(
            cls.value(name, row) for name, row in ROWS.items()))

    @classmethod
    def number(cls):
        return int(sample(cls.agent.get("/metrics"), "plumbline_export_number_ratio") or 0)

    @classmethod
    def value(cls, name, row):
        return sample(cls.agent.get("/metrics"), f'{row.counter.rstrip("}")}'
                      + ("," if "{" in row.counter else "{") + f'plumbline_destination_name="{name}"}}')

    @classmethod
    def wait_taken(cls, number):
        for name in ROWS:
            wait_until(f"export {number} at {name}",
                       lambda name=name: max(cls.receivers.taken(name), default=0) >= number)

    def test_each_row_stands_in_the_readme(self):
        check_documented(self, ROWS, "receiver_faults_test.py")

    def check(self, name):
        row = ROWS[name]
        for log in self.logs:
            told = [line for line in lines(log) if re.search(rf" delivery: {name}:? ", line)]
            self.assertEqual(len(told), 1, told)
            self.assertRegex(told[0], row.sees)
        taken = self.receivers.taken(name)
        missing = set(range(1, self.last + 1)) - set(taken) - set(self.receivers.refused(name))
        self.assertEqual(missing, set(), "lost")
        if row.lost == "nothing":
            self.assertEqual(self.receivers.refused(name), [])
        if row.sees.startswith(KEPT):
            back = re.findall(rf" info delivery: {name} answers; \d+ items waited for it$", self.logs[-1], re.M)
            self.assertEqual(len(back), 1, self.logs[-1])
            self.assertEqual(list(dict.fromkeys(taken)), sorted(set(taken)), "in order")


for _name in ROWS:
    setattr(ReceiverFaults, case_name(_name), lambda self, name=_name: self.check(name))


if __name__ == "__main__":
    unittest.main()
