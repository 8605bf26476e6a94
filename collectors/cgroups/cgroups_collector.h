// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::cgroups {

std::unique_ptr<Collector> make(const CollectorContext& context);

}  // namespace plumbline::cgroups
