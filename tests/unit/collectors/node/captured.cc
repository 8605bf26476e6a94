// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/collectors/node/captured.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace plumbline::node {

std::string captured(const std::string& name) {
  std::ifstream file("tests/unit/collectors/node/captured/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no captured text " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace plumbline::node
