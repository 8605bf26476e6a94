// SPDX-License-Identifier: Apache-2.0
//
// Configuration may hold secrets in the clear (header values); nothing the agent prints may.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace plumbline {

inline constexpr std::string_view kRedacted = "(redacted)";

// Line `number` (1-based) of `text`, which need not be valid YAML, with what may be a secret
// replaced by asterisks, byte for byte: the values of a `headers` section or of anything spelled
// nearly so, values whose key sounds like a secret, and the password of a URL. It rather masks too
// much.
std::string redacted_line(std::string_view text, std::size_t number);

// A URL without user, password and query.
std::string redacted_url(std::string_view url);

// Whether a key or a header of that name, in any case, holds what is nobody's business.
bool sounds_secret(std::string_view name);

// Every value replaced by kRedacted.
std::map<std::string, std::string> redacted(const std::map<std::string, std::string>& headers);

}  // namespace plumbline
