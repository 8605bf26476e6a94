# SPDX-License-Identifier: Apache-2.0
"""The rules of Grafana's dashboard-linter, told anew, and ours beyond them. A rule is a function of a
board in the classic schema that yields sentences about what is wrong."""

import re

from boards import expand, everything, panels, parse_errors, variables

# The ids that dashboard-linter takes, as far as boards of ours could use them.
UNITS = set("none string short percent percentunit bytes decbytes bits Bps binBps bps pps hertz s ms µs ns m h d "
            "dtdurations cps ops reqps rps wps iops cpm opm celsius watt joule bool bool_yes_no currencyUSD".split())
DRAWN = {"stat", "timeseries", "table", "heatmap", "state-timeline", "gauge", "bargauge"}
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
RATES = re.compile(r"\b(rate|irate|increase)\(([^\[\]]*)\[([^\]]*)\]")
RULES = {}


def rule(function):
    RULES[function.__name__.replace("_", "-") + "-rule"] = function
    return function


def targets(board):
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel, target


def is_loki(panel, target):
    return target.get("datasource", panel.get("datasource", {})).get("type") == "loki"


@rule
def template_datasource(board):
    found = variables(board, "datasource")
    if [(one["name"], one["label"]) for one in found] != [("datasource", "Data source")]:
        yield f"data source variables are {[one['name'] for one in found]}, not one named datasource"


def _must_have(board, name, label):
    found = [one for one in variables(board) if one["name"] == name]
    if not found:
        yield f"no variable {name}"
    for one in found:
        wanted = {"label": label, "multi": True, "includeAll": True, "allValue": ".+",
                  "datasource": {"type": "prometheus", "uid": "${datasource}"}}
        for key, value in wanted.items():
            if one.get(key) != value:
                yield f"{name}: {key} is {one.get(key)}, not {value}"


@rule
def template_job(board):
    yield from _must_have(board, "job", "Job")


@rule
def template_instance(board):
    yield from _must_have(board, "instance", "Instance")


@rule
def template_label_promql(board):
    inside = {}
    for one in variables(board):
        call = re.fullmatch(r"label_values\((.+), ([a-zA-Z_]\w*)\)", one["query"])
        if call:
            inside[expand(call.group(1), everything(board))] = one["name"]
        else:
            yield f"{one['name']}: {one['query']} is no label_values(series, label)"
    for wrong, why in parse_errors(inside).items():
        yield f"{inside[wrong]}: {why}"


@rule
def template_on_time_change_reload(board):
    for one in variables(board):
        if one.get("refresh") != 2:
            yield f"{one['name']} is asked for once only"


@rule
def panel_datasource(board):
    for panel in panels(board):
        for place in (panel, *panel.get("targets", [])):
            if place.get("datasource", {}).get("uid") not in ("$datasource", "${datasource}"):
                yield f"{panel['title']}: its data source is not the chosen one"


@rule
def panel_title_description(board):
    for panel in panels(board):
        if not panel.get("title") or not panel.get("description"):
            yield f"panel {panel['id']} has no title or no description"


@rule
def panel_units(board):
    for panel in panels(board):
        overrides = [value["value"] for override in panel["fieldConfig"]["overrides"]
                     for value in override["properties"] if value["id"] == "unit"]
        for unit in [panel["fieldConfig"]["defaults"].get("unit"), *overrides]:
            if unit not in UNITS:
                yield f"{panel['title']}: unit {unit}"


@rule
def panel_no_targets(board):
    for panel in panels(board):
        if panel["type"] not in DRAWN or not panel.get("targets"):
            yield f"{panel['title']} asks nothing"


@rule
def target_promql(board):
    wheres = {expand(target["expr"], everything(board)): panel["title"] for panel, target in targets(board)
              if not is_loki(panel, target)}
    wheres |= {expand(mark["expr"], everything(board)): mark["name"] for mark in board["annotations"]["list"]}
    for wrong, why in parse_errors(wheres).items():
        yield f"{wheres[wrong]}: {why}"


@rule
def target_logql(board):
    for panel, target in targets(board):
        if is_loki(panel, target) and not re.match(r"[\w( ]*\{.+\}", target["expr"]):
            yield f"{panel['title']}: no LogQL: {target['expr']}"


@rule
def target_logql_auto(board):
    for panel, target in targets(board):
        if is_loki(panel, target) and re.search(r"\[(?!\$__auto\])", target["expr"]):
            yield f"{panel['title']}: another window than $__auto: {target['expr']}"


@rule
def target_rate_interval(board):
    for panel, target in targets(board):
        for function, _, window in RATES.findall(target["expr"]):
            if window != "$__rate_interval":
                yield f"{panel['title']}: {function} over {window}"


def _asks_for(board, label):
    for panel, target in targets(board):
        for name, labels in SELECTOR.findall(target["expr"]):
            if f'{label}=~"${label}"' not in labels.replace(" ", ""):
                yield f"{panel['title']}: {name} is not of the chosen {label}"


@rule
def target_job(board):
    yield from _asks_for(board, "job")


@rule
def target_instance(board):
    yield from _asks_for(board, "instance")


@rule
def target_counter_agg(board):
    for panel, target in targets(board):
        for bare in re.findall(r"\b(\w+_total)\b", RATES.sub("", target["expr"])):
            yield f"{panel['title']}: {bare} without a rate"


def uneditable_dashboard(board):
    if board.get("editable") is not False:
        yield "it can be edited in the browser"


RULES["uneditable-dashboard"] = uneditable_dashboard
# What only boards about agents and their nodes can hold.
OF_JOBS = {"template-job-rule", "template-instance-rule", "target-job-rule", "target-instance-rule"}
LINTER = frozenset(RULES)


@rule
def all_means_something(board):
    """panurus #2309: "All" without a value becomes =~"" and finds nothing."""
    for one in variables(board):
        if one.get("includeAll") and one.get("allValue") not in (".+", ".*"):
            yield f"{one['name']}: All is {one.get('allValue')}"


@rule
def no_inputs_of_the_import_wizard(board):
    """dingo #3737: ${DS_PROMETHEUS} means something only while a person imports a board."""
    if "__inputs" in board or "${DS_" in str(board):
        yield "it needs the import wizard"


@rule
def variables_are_used_and_known(board):
    names = {one["name"] for one in board["templating"]["list"]} - {"datasource"}
    asked = " ".join([*(target["expr"] for _, target in targets(board)),
                      *(one["query"] for one in variables(board))])
    used = set(re.findall(r'=~"\$(\w+)"', asked))
    if used != names:
        yield f"used {sorted(used)}, known {sorted(names)}"


@rule
def panels_say_why_they_are_empty(board):
    """A quarter of published panels say nothing but No data."""
    for panel in panels(board):
        if not panel["fieldConfig"]["defaults"].get("noValue"):
            yield f"{panel['title']} has no text for no data"


@rule
def panels_lead_on(board):
    for panel in panels(board):
        if not panel.get("links"):
            yield f"{panel['title']} leads nowhere"


@rule
def histograms_are_read_by_their_bounds(board):
    """A quantile of buckets that were added up without le is none."""
    for panel, target in targets(board):
        if "_bucket" in target["expr"] and not re.search(r"by \([^)]*\ble\b", target["expr"]):
            yield f"{panel['title']}: buckets without le"


@rule
def pointers_are_shared_and_exemplars_off(board):
    if board.get("graphTooltip") != 1:
        yield "each graph has a pointer of its own"
    for panel, target in targets(board):
        if target.get("exemplar") is not False:
            yield f"{panel['title']} asks for exemplars, which nobody sends"


def findings(board):
    """{rule: [sentences]}, those that found nothing left out."""
    found = {name: list(check(board)) for name, check in RULES.items()}
    return {name: sentences for name, sentences in found.items() if sentences}
