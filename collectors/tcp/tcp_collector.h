// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::tcp {

// TCP by cgroup, and dropped packets of all protocols.
std::unique_ptr<Collector> make(const CollectorContext& context);

}  // namespace plumbline::tcp
