// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"

namespace plumbline::clickhouse {

// Looks at every server that the configuration names, all of them at once.
std::unique_ptr<Collector> make(const CollectorContext& context);

bool has_targets(const Config& config);
bool is_concerned(const Config& before, const Config& after);

}  // namespace plumbline::clickhouse
