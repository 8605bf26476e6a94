// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "agent/config/fields.h"

namespace plumbline {

// Why a text cannot be the value of a field. Never repeats what may be a secret.
struct Complaint {
  std::string what;
  std::string suggestion;  // may be empty
};

// Reads the text of a field that has one value (not a list, not a map): its unit, its bounds, and
// whether the file it names can be read now.
std::variant<FieldValue, Complaint> parse_value(const FieldInfo& info, std::string_view text);

// `text` in quotes, shortened, for messages.
std::string in_quotes(std::string_view text);

}  // namespace plumbline
