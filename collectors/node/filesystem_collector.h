// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/statvfs.h>

#include <functional>
#include <memory>
#include <string>

#include "collectors/collector.h"

namespace plumbline::node {

// Space and inodes of the file systems that process 1 has mounted, or, where that is not to be
// seen, of those the agent has.
std::unique_ptr<Collector> make_filesystem(const CollectorContext& context);

// statvfs(2), or what a test puts in its place.
using StatFilesystem = std::function<int(const std::string& path, struct statvfs& out)>;
std::unique_ptr<Collector> make_filesystem_with(const CollectorContext& context,
                                                StatFilesystem stat);

}  // namespace plumbline::node
