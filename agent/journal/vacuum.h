// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agent/core/result.h"

namespace plumbline {

struct Vacuumed {
  std::uint64_t before = 0;  // bytes of the file
  std::uint64_t after = 0;
  std::uint64_t free = 0;  // still free in it: the agent wrote meanwhile, or a reader held pages
};

// Gives the free pages of a journal back to the file system, a megabyte at a time, so that an agent
// that writes it waits for milliseconds only, and without needing space of its own. `progress` is
// called with the bytes that were given back so far and those that can be.
Result<Vacuumed> vacuum_journal(const std::string& path,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace plumbline
