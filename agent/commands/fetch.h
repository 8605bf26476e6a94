// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/http/url.h"

namespace plumbline {

// The JSON that a server answers to one GET; waits for it.
Result<std::string> fetch_json(const Url& server,
                               std::string_view target,
                               std::chrono::milliseconds timeout);

}  // namespace plumbline
