// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/journal/bundle.h"

namespace plumbline {

// A manifest as it stands in a bundle. Times are in nanoseconds since 1970, as numbers.
std::string manifest_json(const Manifest& manifest);
// kMalformed: it is none, or of a later form.
Result<Manifest> parse_manifest(std::string_view json);

}  // namespace plumbline
