# SPDX-License-Identifier: Apache-2.0
"""Runs the unittest cases of one file as a ctest program: cases.py NAME FILE [unittest arguments].

Where GTEST_OUTPUT asks for XML, as it does of the C++ tests, each case is written to NAME.xml there,
so that tests/run counts cases and sees why one was skipped."""

import importlib.util
import os
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class Recorder(unittest.TextTestResult):
    """Keeps one <testcase> for each case; a failed subTest fails its case."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.root = ElementTree.Element("testsuite")
        self.current = None

    def _begin(self, test):
        self.current = ElementTree.SubElement(
            self.root, "testcase", classname=type(test).__name__,
            name=getattr(test, "_testMethodName", str(test)), status="run")

    def _mark(self, kind, test, message):
        if self.current is None:  # setUpClass or the like
            self._begin(test)
        ElementTree.SubElement(self.current, kind, message=message)

    def startTest(self, test):
        super().startTest(test)
        self._begin(test)
        self.started = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.current.set("time", f"{time.monotonic() - self.started:.3f}")
        self.current = None

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._mark("failure", test, self._exc_info_to_string(err, test))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._mark("failure", test, self._exc_info_to_string(err, subtest))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._mark("skipped", test, reason)


def main():
    name, path = sys.argv[1], Path(sys.argv[2]).resolve()
    # What tests share: for all of them, and for those of one folder.
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(path.parent)]
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    loader = unittest.TestLoader()
    suite = (loader.loadTestsFromNames(sys.argv[3:], module) if len(sys.argv) > 3
             else loader.loadTestsFromModule(module))
    result = unittest.TextTestRunner(verbosity=2, resultclass=Recorder).run(suite)
    output = os.environ.get("GTEST_OUTPUT", "")
    if output.startswith("xml:"):
        folder = Path(output[4:])
        folder.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(result.root).write(folder / f"{name}.xml", encoding="unicode")
    # No case at all would prove nothing.
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
