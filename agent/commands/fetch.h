// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "agent/core/result.h"
#include "agent/http/url.h"

namespace plumbline {

struct Fetch {
  std::string target;  // "/api/v1/status"
  std::chrono::milliseconds timeout{};
  std::optional<std::size_t> most_bytes = {};  // absent: the limit that every client has
};

// The JSON that a server answers, waited for here. Errors: those of the connection, kTimeout,
// kMalformed for another status than 200.
Result<std::string> fetch(const Url& url, const Fetch& what);

}  // namespace plumbline
