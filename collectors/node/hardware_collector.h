// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::node {

// What sysfs tells of the machine's parts.
std::unique_ptr<Collector> make_hardware(const CollectorContext& context);

}  // namespace plumbline::node
