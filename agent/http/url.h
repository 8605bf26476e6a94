// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// The address of a destination. Never holds credentials: a URL with a user name is refused.
struct Url {
  std::string scheme;  // http, https, grpc or grpcs
  std::string host;    // name or address, an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string path;    // with the query; empty when the URL has none
  std::string socket;  // of a server on this machine: connect to this path instead of host and port

  bool tls() const { return scheme == "https" || scheme == "grpcs"; }
  // host:port, with brackets around an IPv6 address.
  std::string authority() const;
};

// The server that listens on a Unix socket; scheme "http" or "grpc". parse_url() never makes one.
Url socket_url(std::string scheme, std::string socket);

// Without a port: 80 for http, 443 for https, 4317 for grpc and grpcs. The error never repeats a
// password.
Result<Url> parse_url(std::string_view text);

}  // namespace plumbline
