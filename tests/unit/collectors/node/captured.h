// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace plumbline::node {

// Text captured from a real machine: a 6.18 kernel with two CPUs, cgroup v1 and v2 side by side.
// `name` is below tests/unit/collectors/node/captured. Throws when it is not there.
std::string captured(const std::string& name);

}  // namespace plumbline::node
