// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::node {

// The machine as /proc and the cgroup file system show it.
std::unique_ptr<Collector> make_node(const CollectorContext& context);

}  // namespace plumbline::node
