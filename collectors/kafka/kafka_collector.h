// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::kafka {

// The clusters of `kafka_clusters`, side by side: one that hangs costs its own timeout, no more.
std::unique_ptr<Collector> make(const CollectorContext& context);

bool is_concerned(const Config& before, const Config& after);

}  // namespace plumbline::kafka
