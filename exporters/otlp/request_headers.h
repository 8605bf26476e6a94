// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/http/client.h"
#include "agent/http/watched.h"

namespace plumbline {

// "name: value" lines; empty ones and those that begin with '#' are skipped.
Result<Headers> parse_headers(std::string_view text);

// The headers a user wants on every request: from the configuration, from a headers file, and a
// bearer token from a file. The files are read again when they change. Names are lower case.
class RequestHeaders {
 public:
  RequestHeaders(const OtlpConfig& config, Log& log);

  // Fails when a file was never readable, or a name or value may not stand in a header.
  Result<Headers> get();

 private:
  Headers fixed_;
  std::optional<Watched<Headers>> file_;
  std::optional<Watched<std::string>> token_;
};

}  // namespace plumbline
