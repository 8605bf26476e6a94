// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "collectors/node/fields.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// The fields of /proc/vmstat that become points.
FieldValues make_vmstat_values();

// Paging, reclaim and what else the memory manager counts.
std::unique_ptr<Topic> make_vmstat(const std::filesystem::path& proc);

}  // namespace plumbline::node
