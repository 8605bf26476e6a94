# SPDX-License-Identifier: Apache-2.0
"""The boards before the schema that Grafana publishes as TypeScript types: each board becomes a literal of
its type, so that what is missing, misspelled or of another type does not compile."""

import copy
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from boards import load, panels
from servers import ROOT

# Where the types of a panel's options are, and of what is its own in how fields are drawn.
PLUGINS = {"stat": "stat", "timeseries": "timeseries", "table": "table", "heatmap": "heatmap",
           "state-timeline": "statetimeline"}
# What the Prometheus plugin reads of a mark; the types leave that to plugins.
OF_PLUGIN = {"expr", "step", "titleFormat", "textFormat", "useValueForTime"}
WITH_FIELDS = {"timeseries", "table", "heatmap", "statetimeline"}


def unite(text):
    """Enumerations as unions of their values: a literal of JSON is no member of an enumeration."""
    def union(match):
        members = re.findall(r"(\w+) = (\"[^\"]*\"|-?\d+)", match.group(2))
        inside = " ".join(f"type {name} = {value};" for name, value in members)
        values = " | ".join(value for _, value in members) or "never"
        return f"export declare namespace {match.group(1)} {{ {inside} }}\nexport type {match.group(1)} = {values};"
    return re.sub(r"export declare enum (\w+) \{(.*?)\}", union, text, flags=re.DOTALL)


def classic_program(board):
    """Options hide behind Record<string, unknown> in the type of a board: they are told once more."""
    board = copy.deepcopy(board)
    for mark in board["annotations"]["list"]:
        for key in OF_PLUGIN:
            del mark[key]
    lines = ['import type { Dashboard, Panel } from "./types/veneer/dashboard.types";']
    for plugin in sorted(set(PLUGINS.values())):
        fields = f", FieldConfig as {plugin}_fields" if plugin in WITH_FIELDS else ""
        lines.append(f'import type {{ Options as {plugin}_options{fields} }} '
                     f'from "./types/raw/composable/{plugin}/panelcfg/x/types.gen";')
    lines.append(f"export const board: Dashboard = {json.dumps(board)};")
    for number, panel in enumerate(panels(board)):
        plugin = PLUGINS[panel["type"]]
        lines.append(f"export const p{number}: Panel = {json.dumps(panel)};")
        lines.append(f"export const o{number}: {plugin}_options = {json.dumps(panel['options'])};")
        if plugin in WITH_FIELDS:
            custom = panel["fieldConfig"]["defaults"]["custom"]
            lines.append(f"export const f{number}: {plugin}_fields = {json.dumps(custom)};")
    return "\n".join(lines)


def v2_program(board):
    return ('import type { Spec } from "./types/schema/dashboard/v2/types.spec.gen";\n'
            f"export const spec: Spec = {json.dumps(board['spec'])};")


def compile_all(programs):
    """{name: number of errors} of the programs by name."""
    home = Path(subprocess.run([ROOT / "tests/support/grafana/get"], check=True, stdout=subprocess.PIPE,
                               text=True).stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(home / "node_modules/@grafana/schema/dist/types", work / "types")
        for path in (work / "types").rglob("*.d.ts"):
            path.write_text(unite(path.read_text()))
        for name, text in programs.items():
            (work / f"{name}.ts").write_text(text)
        (work / "tsconfig.json").write_text(json.dumps({
            "compilerOptions": {"strict": True, "noEmit": True, "skipLibCheck": True, "moduleResolution": "node",
                                "target": "es2020", "types": [], "baseUrl": ".",
                                "paths": {"@grafana/schema": ["types/index.d.ts"]}},
            "files": [f"{name}.ts" for name in programs]}))
        done = subprocess.run([home / "bin/node", home / "node_modules/typescript/bin/tsc", "-p", work],
                              capture_output=True, text=True, cwd=work)
    print("\n".join(line for line in done.stdout.splitlines() if not line.startswith("fault_"))[:4000])
    return {name: len(re.findall(rf"^{name}\.ts\(", done.stdout, re.MULTILINE)) for name in programs}


def faulty(board, change):
    board = copy.deepcopy(board)
    change(board)
    return board


def first(board):
    return next(iter(panels(board)))


CLASSIC_FAULTS = {
    "a_key_misspelled": lambda board: board.update(shemaVersion=1),
    "a_panel_key_misspelled": lambda board: first(board).update(gridpos={}),
    "a_mode_unknown": lambda board: first(board)["fieldConfig"]["defaults"]["thresholds"].update(mode="absolut"),
    "a_place_missing": lambda board: first(board)["gridPos"].pop("h"),
    "overrides_missing": lambda board: first(board)["fieldConfig"].pop("overrides"),
    "an_option_missing": lambda board: first(board)["options"].pop("reduceOptions"),
    "an_option_unknown": lambda board: first(board)["options"].update(graphMode="areas"),
    "a_number_as_text": lambda board: board.update(schemaVersion="39"),
}
V2_FAULTS = {
    "no_layout": lambda board: board["spec"].pop("layout"),
    "a_key_misspelled": lambda board: board["spec"].update(elments={}),
    "a_kind_unknown": lambda board: board["spec"]["layout"].update(kind="Rows"),
    "a_sync_unknown": lambda board: board["spec"].update(cursorSync="crosshair"),
    "a_variable_without_query": lambda board: board["spec"]["variables"][1]["spec"].pop("query"),
}


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.classic = {board["uid"].replace("-", "_"): board for board in load()}
        cls.v2 = {board["metadata"]["name"].replace("-", "_"): board for board in load("dashboards_v2")}
        programs = {f"classic_{name}": classic_program(board) for name, board in cls.classic.items()}
        programs |= {f"v2_{name}": v2_program(board) for name, board in cls.v2.items()}
        sample, sample_v2 = cls.classic["plumbline_node"], cls.v2["plumbline_node"]
        programs |= {f"fault_classic_{name}": classic_program(faulty(sample, change))
                     for name, change in CLASSIC_FAULTS.items()}
        programs |= {f"fault_v2_{name}": v2_program(faulty(sample_v2, change))
                     for name, change in V2_FAULTS.items()}
        cls.errors = compile_all(programs)

    def test_all_boards_hold_to_it(self):
        self.assertEqual((len(self.classic), len(self.v2)), (7, 7))
        self.assertEqual({name: count for name, count in self.errors.items()
                          if not name.startswith("fault_") and count}, {})

    def test_it_finds_faults(self):
        for name, count in self.errors.items():
            if name.startswith("fault_"):
                self.assertGreater(count, 0, name)

    def test_both_schemas_ask_the_same(self):
        for name, board in self.classic.items():
            spec = self.v2[name]["spec"]
            asked = sorted(target["expr"] for panel in panels(board) for target in panel["targets"])
            also = sorted(query["spec"]["query"]["spec"]["expr"] for element in spec["elements"].values()
                          for query in element["spec"]["data"]["spec"]["queries"])
            self.assertEqual(asked, also)
            placed = [item["spec"]["element"]["name"] for row in spec["layout"]["spec"]["rows"]
                      for item in row["spec"]["layout"]["spec"]["items"]]
            self.assertEqual(sorted(placed), sorted(spec["elements"]))


if __name__ == "__main__":
    unittest.main()
