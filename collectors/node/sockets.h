// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "collectors/node/fields.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// The fields of /proc/net/sockstat and sockstat6 that become points.
FieldValues make_sockstat_values();

// How many sockets there are and what memory they hold.
std::unique_ptr<Topic> make_sockets(const std::filesystem::path& proc);

}  // namespace plumbline::node
