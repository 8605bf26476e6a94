// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace plumbline {

// The example configuration file, from the field tables: every key with what it does, its bounds
// and its default, commented out, so that the file as it is changes nothing.
std::string example_config();

}  // namespace plumbline
