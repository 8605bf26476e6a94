// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/config/config.h"
#include "agent/config/findings.h"

namespace plumbline {

// Whether Kafka takes this as the name of a topic.
bool is_topic(std::string_view name);

// What is wrong between the settings of one Kafka cluster, and what Kafka would not take.
void check_kafka(const KafkaConfig& kafka, Findings& findings);

}  // namespace plumbline
