// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "collectors/collector.h"

namespace plumbline::gpu {

std::unique_ptr<Collector> make(const CollectorContext& context);

// For tests: where the driver's library is looked for, and how long the first look, which loads the
// driver, and each other one may take.
struct Options {
  std::vector<std::filesystem::path> places;
  std::chrono::milliseconds open_patience{10'000};
  std::chrono::milliseconds patience{3'000};
};
std::unique_ptr<Collector> make_with(const CollectorContext& context, Options options);

}  // namespace plumbline::gpu
