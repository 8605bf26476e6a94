// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::block {

// Queue time, device time, bytes and errors of block requests, by device, operation and cgroup.
std::unique_ptr<Collector> make(const CollectorContext& context);

}  // namespace plumbline::block
