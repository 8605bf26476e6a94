// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace plumbline {

// The completion scripts, from the definition of the command line: commands, options, the values
// of options, keys of the configuration and `collectors`.
std::string bash_completion(const std::vector<std::string>& collectors);
std::string zsh_completion(const std::vector<std::string>& collectors);

}  // namespace plumbline
