// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace plumbline {

// How identity fares.
struct IdentityStatus {
  std::string source;  // who names pods; empty: nobody answers
  std::string reason;  // why not
  std::uint64_t pods = 0;
  std::uint64_t containers = 0;
  std::uint64_t nameless = 0;  // groups of pods that no source names
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
};

}  // namespace plumbline
