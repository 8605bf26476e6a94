// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace plumbline {

// What a test wants to know of one metrics request.
struct SeenExports {
  struct Export {
    std::uint64_t number = 0;  // plumbline.export.number
    std::uint64_t time = 0;    // of that point, Unix nanoseconds
  };
  std::vector<Export> exports;  // merged requests hold several
  std::uint64_t points = 0;
  std::uint64_t inverted = 0;  // points that start after their own time
};

SeenExports exports_in(std::string_view request);

}  // namespace plumbline
