// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace plumbline {

// What `promtool check metrics` says about a page: empty when it is silent. nullopt when this
// machine has no promtool.
std::optional<std::string> promtool_complaints(const std::string& page);

}  // namespace plumbline
