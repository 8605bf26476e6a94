// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace plumbline {

// How often this program has called operator new. A test that uses it gets the counting operators
// linked in, all others keep the usual ones.
std::uint64_t allocation_count();

}  // namespace plumbline
