// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace plumbline {

// "0.1.0": the version of the project in CMakeLists.txt.
std::string_view version();

}  // namespace plumbline
