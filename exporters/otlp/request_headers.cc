// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/request_headers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/http/text.h"

namespace plumbline {
namespace {

// What the transport itself says; a second one would make the request ambiguous.
constexpr std::array<std::string_view, 9> kReserved{"host",
                                                    "content-length",
                                                    "content-type",
                                                    "content-encoding",
                                                    "transfer-encoding",
                                                    "connection",
                                                    "te",
                                                    "upgrade",
                                                    "user-agent"};

Result<> check(const std::string& name, std::string_view value) {
  TRY(check_header(name, value));
  const bool reserved = std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() ||
                        name.starts_with("grpc-");
  if (!reserved) return {};
  return Error{
      .code = Errc::kMalformed,
      .what = fmt::format("the header {} belongs to the transport and cannot be set", name)};
}

Result<std::string> load_token(const std::string& path) {
  const auto content = read_small_file(path);
  if (!content) return content.error();
  const auto token = trim(*content);
  const auto clean = check_header("authorization", token);
  if (token.empty() || !clean) {
    return Error{.code = Errc::kMalformed, .what = fmt::format("{} holds no bearer token", path)};
  }
  return fmt::format("Bearer {}", token);
}

Result<Headers> load_headers(const std::string& path) {
  const auto content = read_small_file(path);
  if (!content) return content.error();
  auto headers = parse_headers(*content);
  if (headers) return headers;
  return Error{.code = Errc::kMalformed, .what = fmt::format("{}, {}", path, headers.error().what)};
}

}  // namespace

Result<Headers> parse_headers(std::string_view text) {
  Headers headers;
  for (int line_number = 1; !text.empty(); ++line_number) {
    const auto line = trim(text.substr(0, text.find('\n')));
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      return Error{.code = Errc::kMalformed,
                   .what = fmt::format("line {}: no colon between name and value", line_number)};
    }
    auto name = lower_case(trim(line.substr(0, colon)));
    const auto value = trim(line.substr(colon + 1));
    if (auto good = check(name, value); !good) {
      return Error{.code = Errc::kMalformed,
                   .what = fmt::format("line {}: {}", line_number, good.error().what)};
    }
    headers.emplace_back(std::move(name), value);
  }
  return headers;
}

RequestHeaders::RequestHeaders(const OtlpConfig& config, Log& log) {
  for (const auto& [name, value] : config.headers) fixed_.emplace_back(lower_case(name), value);
  if (!config.headers_file.empty()) {
    file_.emplace(
        std::vector{config.headers_file},
        [path = config.headers_file] { return load_headers(path); },
        log);
  }
  if (!config.bearer_token_file.empty()) {
    token_.emplace(
        std::vector{config.bearer_token_file},
        [path = config.bearer_token_file] { return load_token(path); },
        log);
  }
}

Result<Headers> RequestHeaders::get() {
  auto headers = fixed_;
  for (const auto& [name, value] : fixed_) TRY(check(name, value));
  if (file_) {
    auto more = file_->get();
    if (!more) return more.error();
    headers.insert(headers.end(), more->begin(), more->end());
  }
  if (token_) {
    auto token = token_->get();
    if (!token) return token.error();
    headers.emplace_back("authorization", *std::move(token));
  }
  return headers;
}

}  // namespace plumbline
