// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "exporters/exporter.h"

namespace plumbline {

// OTLP over Kafka: one message per request, as the Collector's Kafka receiver reads it. Fails for
// settings and files that cannot be right; needs no broker: librdkafka connects on threads of its
// own. `log` outlives it.
Result<std::unique_ptr<Exporter>> make_kafka_exporter(const KafkaConfig& config, Log& log);

// The most bytes of a request that still is one message, of what max_message allows.
std::uint64_t max_request_bytes(const KafkaConfig& config);

}  // namespace plumbline
