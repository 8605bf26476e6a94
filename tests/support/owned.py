# SPDX-License-Identifier: Apache-2.0
"""Reads what an agent writes with `stdout: {format: otlp_json}`, resource by resource."""

import json

import otlp_json


def exports(log):
    """Each line of the log that is a request; the other ones are the agent's words."""
    for line in log.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                pass  # the last line, half written


def points(log):
    """(resource attributes, metric, point) of every data point."""
    for request in exports(log):
        for entry in request.get("resourceMetrics", []):
            resource = otlp_json.attributes(entry["resource"]["attributes"])
            for scope in entry["scopeMetrics"]:
                for metric in scope["metrics"]:
                    for point in otlp_json.points(metric):
                        yield resource, metric, point


def events(log):
    """(resource attributes, record, its attributes) of every log record."""
    for request in exports(log):
        for entry in request.get("resourceLogs", []):
            resource = otlp_json.attributes(entry["resource"]["attributes"])
            for scope in entry["scopeLogs"]:
                for record in scope["logRecords"]:
                    yield resource, record, otlp_json.attributes(record.get("attributes"))


def newest_total(log, name, container):
    """The sum over the series of a counter that belong to one container, as last exported; None
    when there is none."""
    newest = {}
    for resource, metric, point in points(log):
        if metric["name"] != name or resource.get("container.id") != container or "flags" in point:
            continue
        series = json.dumps(point["attributes"], sort_keys=True)
        newest[series] = float(point.get("asInt", point.get("asDouble", 0)))
    return sum(newest.values()) if newest else None
