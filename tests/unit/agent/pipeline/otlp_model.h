// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/pipeline/encode.h"

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"

namespace plumbline {

using ExportRequest = opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;

// The request that MetricsEncoder must write, built with protobuf's own classes from the same
// entries: one Metric for each run of entries of one metric.
ExportRequest model_of(const Resource& resource,
                       std::string_view agent_version,
                       std::span<const LatestEntry* const> entries);

// Parses what MetricsEncoder writes for `entries`; fails the test when it is not protobuf.
ExportRequest encode_and_parse(const Resource& resource,
                               std::span<const LatestEntry* const> entries);

// The first field that differs, as text; empty when both are the same to the bit (NaN included).
std::string difference(const ExportRequest& expected, const ExportRequest& actual);

}  // namespace plumbline
