// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "exporters/exporter.h"

namespace plumbline {

// Properties of librdkafka by their names; see its CONFIGURATION.md. May hold the password.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

// A producer that writes each message once and in order, holds one at a time, and goes on trying
// until it is told otherwise.
KafkaSettings kafka_settings(const KafkaConfig& config, std::string_view password);

const std::string& topic_of(const KafkaConfig& config, Signal signal);

}  // namespace plumbline
