# SPDX-License-Identifier: Apache-2.0
"""Reads OTLP metrics as the Collector's file exporter writes them."""

KINDS = ("sum", "gauge", "exponentialHistogram", "histogram", "summary")


def attributes(pairs):
    return {pair["key"]: next(iter(pair["value"].values()), None) for pair in pairs or []}


def scopes(requests):
    """(resource entry, scope entry) of every request, in order."""
    for request in requests:
        for resource in request["resourceMetrics"]:
            for scope in resource["scopeMetrics"]:
                yield resource, scope


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
