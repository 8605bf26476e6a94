#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the descriptors of the OTLP messages, as the installed opentelemetry-proto package holds
them, as one FileDescriptorSet: what protoc needs to generate C++ classes without .proto files.

usage: otlp_descriptors.py OUTPUT"""
import importlib
import sys

from google.protobuf.descriptor_pb2 import FileDescriptorSet

MODULES = [
    "collector.logs.v1.logs_service",
    "collector.metrics.v1.metrics_service",
    "collector.trace.v1.trace_service",
]


def collect(descriptor, seen, out):
    """Appends a file after everything it imports."""
    if descriptor.name in seen:
        return
    seen.add(descriptor.name)
    for dependency in descriptor.dependencies:
        collect(dependency, seen, out)
    out.file.add().ParseFromString(descriptor.serialized_pb)


def main():
    out = FileDescriptorSet()
    seen = set()
    for module in MODULES:
        loaded = importlib.import_module(f"opentelemetry.proto.{module}_pb2")
        collect(loaded.DESCRIPTOR, seen, out)
    with open(sys.argv[1], "wb") as file:
        file.write(out.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
