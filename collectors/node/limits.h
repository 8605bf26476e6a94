// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "collectors/node/topic.h"

namespace plumbline::node {

// What the kernel has a fixed number of: file handles, inodes, entropy.
std::unique_ptr<Topic> make_limits(const std::filesystem::path& proc);

}  // namespace plumbline::node
