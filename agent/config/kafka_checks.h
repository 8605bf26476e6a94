// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/config/config.h"
#include "agent/config/findings.h"

namespace plumbline {

// What is wrong between the settings of one Kafka cluster, and what Kafka would not take.
void check_kafka(const KafkaConfig& kafka, Findings& findings);

}  // namespace plumbline
