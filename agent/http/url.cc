// SPDX-License-Identifier: Apache-2.0
#include "agent/http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "agent/http/text.h"

namespace plumbline {
namespace {

constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxHost = 253;  // RFC 1035, as text

Error bad(std::string what) {
  return {.code = Errc::kMalformed, .what = std::move(what)};
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 4317;
}

bool is_known(std::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "grpc" || scheme == "grpcs";
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
    return bad(fmt::format("the port \"{}\" is not a number between 1 and 65535", text));
  }
  return static_cast<std::uint16_t>(port);
}

// Takes the host off the front of `rest`.
Result<std::string> take_host(std::string_view& rest) {
  std::string host;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return bad("the IPv6 address has no closing bracket");
    host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    in6_addr ignored{};
    if (inet_pton(AF_INET6, host.c_str(), &ignored) != 1) {
      return bad(fmt::format("\"{}\" is not an IPv6 address", host));
    }
    return host;
  }
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_host_character);
  host.assign(rest.begin(), end);
  rest.remove_prefix(host.size());
  if (host.empty()) return bad("the URL names no host");
  if (host.size() > kMaxHost) return bad("the host name is longer than 253 characters");
  return host;
}

}  // namespace

std::string Url::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

Url socket_url(std::string scheme, std::string socket) {
  const auto port = default_port(scheme);
  return {.scheme = std::move(scheme),
          .host = "localhost",
          .port = port,
          .path = {},
          .socket = std::move(socket)};
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl) return bad("the URL is longer than 2048 characters");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return bad("the URL holds a space, a control character or a letter outside ASCII");
  }
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) {
    return bad("the URL has no scheme: write grpc://, grpcs://, http:// or https:// before it");
  }
  Url url;
  url.scheme = lower_case(text.substr(0, colon));
  auto rest = text.substr(colon + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return bad("the URL holds a user name or password: put credentials into a headers file");
  }
  if (!is_known(url.scheme)) {
    return bad(fmt::format("the scheme \"{}\" is not grpc, grpcs, http or https", url.scheme));
  }
  if (rest.find('#') != std::string_view::npos) return bad("the URL has a fragment (#…)");
  auto host = take_host(rest);
  if (!host) return host.error();
  url.host = *std::move(host);
  url.port = default_port(url.scheme);
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    const auto digits = rest.substr(0, rest.find_first_of("/?"));
    const auto port = parse_port(digits);
    if (!port) return port.error();
    url.port = *port;
    rest.remove_prefix(digits.size());
  }
  if (!rest.empty() && rest.front() != '/' && rest.front() != '?') {
    return bad(fmt::format("\"{}\" cannot stand in a host name", rest.front()));
  }
  if (rest.starts_with('?')) url.path = "/";
  url.path.append(rest);
  // Also as it is written down again, with its port and the first slash of the path.
  if (url.scheme.size() + 3 + url.authority().size() + url.path.size() > kMaxUrl) {
    return bad("the URL is longer than 2048 characters");
  }
  return url;
}

}  // namespace plumbline
