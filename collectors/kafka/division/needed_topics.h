// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// By topic of the snapshot: whether its offsets are asked for. An agent with a share needs those of
// its own topics and of all that its groups have read.
std::vector<bool> needed_topics(const Snapshot& snapshot);

}  // namespace plumbline::kafka
