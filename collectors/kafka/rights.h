// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// What was refused as a sentence, with the right that is missing when it was one: "main:
// ListOffsets TOPIC_AUTHORIZATION_FAILED on topic orders (and 3 more): the agent's user needs
// DESCRIBE on it".
std::string explain(std::string_view cluster, const Refusal& refusal);

}  // namespace plumbline::kafka
