# SPDX-License-Identifier: Apache-2.0
"""Counts test cases over the stages of one tests/run and says what failed and what was skipped.

A stage's folder holds either `check.tsv` (outcome, name, reason) written by tests/run itself, or
what ctest left: `ctest.xml` (one entry per program) and `cases/PROGRAM.xml` (one entry per test
case, JUnit form, written by the program). A program that dies leaves no case file, or fails after
its last case: then the program itself counts as one failed test.

A program that failed and passed when ctest ran it once more counts by its second run; `total` tells
it all the same, with what it said when it failed.

The same case may run in several builds (dev, asan, tsan). It counts once: failed if any run
failed, else passed if any run passed, else skipped.

  tally.py stage FOLDER    one line for the stage; exit 1 when something failed
  tally.py total FOLDER    details of failures and skips over all stages, then the closing line
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

RANK = {"skipped": 0, "passed": 1, "failed": 2}


def case_outcome(case):
    failure = case.find("failure")
    if failure is None:
        failure = case.find("error")
    if failure is not None:
        return "failed", failure.get("message") or failure.text or ""
    skipped = case.find("skipped")
    if skipped is not None:
        return "skipped", skipped.get("message") or skipped.text or ""
    if case.get("status") in ("notrun", "disabled"):
        return "skipped", "disabled"
    return "passed", ""


def cases_of_program(path):
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        outcome, reason = case_outcome(case)
        yield f"{path.stem}: {case.get('classname')}.{case.get('name')}", outcome, reason


def stage_cases(folder):
    check = folder / "check.tsv"
    if check.exists():
        for line in check.read_text().splitlines():
            outcome, name, reason = line.split("\t", 2)
            yield name, outcome, reason
    ctest = folder / "ctest.xml"
    if not ctest.exists():
        return
    for program in ElementTree.parse(ctest).getroot().iter("testcase"):
        name, status = program.get("name"), program.get("status")
        cases = folder / "cases" / f"{name}.xml"
        try:
            found = list(cases_of_program(cases)) if cases.exists() else []
        except ElementTree.ParseError:
            found = []
        yield from found
        # ctest says "notrun" of a program that is missing or cannot be started.
        if status == "disabled":
            yield name, "skipped", "disabled in CMake"
        elif status != "run" and not any(outcome == "failed" for _, outcome, _ in found):
            output = program.findtext("system-out") or ""
            yield name, "failed", "the program failed outside its test cases\n" + output[-2000:]
        elif not found:
            yield name, "passed", ""


def repeated(folder):
    """(program, what it said when it failed) of those that passed when they were run again."""
    log = folder / "ctest.log"
    if not log.exists():
        return
    failed = {}
    for part in re.split(r"^ +Start +\d+: ", log.read_text(errors="replace"), flags=re.MULTILINE)[1:]:
        name, _, said = part.partition("\n")
        if re.search(r"^.*Test +#\d+: .*\*\*\*", said):
            failed[name] = said
        elif name in failed:
            yield name, failed.pop(name)


def count(outcomes):
    values = list(outcomes)
    return ", ".join(f"{values.count(kind)} {kind}" for kind in ("passed", "failed", "skipped"))


def print_stage(folder):
    cases = list(stage_cases(folder))
    if cases:
        print(f"{folder.name}: {count(outcome for _, outcome, _ in cases)}")
    return any(outcome == "failed" for _, outcome, _ in cases)


def indent(text):
    return "".join(f"    {line}\n" for line in text.strip().splitlines())


def print_total(folder):
    merged = {}
    stages = sorted(path for path in folder.iterdir() if path.is_dir())
    for stage in stages:
        for name, said in repeated(stage):
            print(f"REPEATED in {stage.name}: {name} failed, and passed when it ran again\n{indent(said[-2000:])}", end="")
    for stage in stages:
        for name, outcome, reason in stage_cases(stage):
            if outcome == "failed":
                print(f"FAILED in {stage.name}: {name}\n{indent(reason)}", end="")
            if name not in merged or RANK[outcome] > RANK[merged[name][0]]:
                merged[name] = (outcome, reason)
    skipped = sorted((reason.strip().splitlines()[-1:], name)
                     for name, (outcome, reason) in merged.items() if outcome == "skipped")
    for reason, name in skipped:
        print(f"SKIPPED {name}: {' '.join(reason) or 'it gave no reason'}")
    print(count(outcome for outcome, _ in merged.values()), flush=True)
    outcomes = [outcome for outcome, _ in merged.values()]
    return "failed" in outcomes or "passed" not in outcomes


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    sys.exit(1 if (print_stage if what == "stage" else print_total)(where) else 0)
