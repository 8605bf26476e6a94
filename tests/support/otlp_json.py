# SPDX-License-Identifier: Apache-2.0
"""Reads OTLP as the Collector's file exporter writes them."""

KINDS = ("sum", "gauge", "exponentialHistogram", "histogram", "summary")


def attributes(pairs):
    return {pair["key"]: next(iter(pair["value"].values()), None) for pair in pairs or []}


def scopes(requests):
    """(resource entry, scope entry) of every request, in order."""
    for request in requests:
        for resource in request["resourceMetrics"]:
            for scope in resource["scopeMetrics"]:
                yield resource, scope


def records(requests, resources, scopes, items):
    """(resource attributes, item) of every span ("resourceSpans", "scopeSpans", "spans") or log record
    ("resourceLogs", "scopeLogs", "logRecords")."""
    for request in requests:
        for resource in request.get(resources, []):
            whose = attributes(resource["resource"].get("attributes"))
            for scope in resource[scopes]:
                for item in scope[items]:
                    yield whose, item


def spans(requests):
    return records(requests, "resourceSpans", "scopeSpans", "spans")


def logs(requests):
    return records(requests, "resourceLogs", "scopeLogs", "logRecords")


def metrics(requests):
    for _, scope in scopes(requests):
        yield from scope["metrics"]


def kind_of(metric):
    return next(kind for kind in KINDS if kind in metric)


def points(metric):
    return metric[kind_of(metric)]["dataPoints"]


def instrument(metric):
    """The name that the catalogue has for this shape of data."""
    kind = kind_of(metric)
    if kind == "sum":
        return "counter" if metric["sum"].get("isMonotonic") else "updowncounter"
    return {"gauge": "gauge", "exponentialHistogram": "histogram"}.get(kind, kind)


def series(metric, point):
    """What tells a series from all others of its resource."""
    return metric["name"], tuple(sorted(attributes(point.get("attributes")).items()))
