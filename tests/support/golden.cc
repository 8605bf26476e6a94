// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace plumbline {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_golden(const std::filesystem::path& path, std::string_view actual) {
  if (std::getenv("PLUMBLINE_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(read_text(path), actual)
      << "differs from " << path << "; PLUMBLINE_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace plumbline
