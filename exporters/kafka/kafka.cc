// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/kafka.h"

#include <utility>

#include "agent/config/resource_detect.h"
#include "exporters/kafka/kafka_exporter.h"

namespace plumbline {
namespace {

// OTLP in JSON takes three to four times the bytes of protobuf.
constexpr std::uint64_t kJsonGrowth = 4;

// The same over restarts, and different on every node.
std::string node_key() {
  const auto resource = detect_resource(Config{});
  for (const auto* attribute : {"service.instance.id", "host.name"}) {
    const auto found = resource.find(attribute);
    if (found != resource.end()) return found->second;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Exporter>> make_kafka_exporter(const KafkaConfig& config, Log& log) {
  auto exporter = std::make_unique<KafkaExporter>(config, node_key(), log);
  TRY(exporter->check());
  return std::unique_ptr<Exporter>(std::move(exporter));
}

std::uint64_t max_request_bytes(const KafkaConfig& config) {
  const bool json = config.encoding == KafkaEncoding::kOtlpJson;
  return json ? config.max_message_bytes / kJsonGrowth : config.max_message_bytes;
}

}  // namespace plumbline
