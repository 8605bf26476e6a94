// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/core/result.h"

namespace plumbline {

// What a file that a person wrote holds; no more than one byte beyond kMaxYamlBytes, so that
// parse_yaml sees that it is too big. Errors: it cannot be read, or is no regular file.
Result<std::string> read_text_file(const std::string& path);

}  // namespace plumbline
