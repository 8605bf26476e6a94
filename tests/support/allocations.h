// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace plumbline {

// How often this program has called operator new. A test that uses it gets the counting operators
// linked in, all others keep the usual ones.
std::uint64_t allocation_count();
// How many bytes it was asked for in all, those that were freed since included.
std::uint64_t allocated_bytes();

}  // namespace plumbline
