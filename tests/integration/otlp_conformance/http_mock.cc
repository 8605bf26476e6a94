// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otlp_conformance/http_mock.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "agent/http/text.h"

namespace plumbline {
namespace {

HttpSeen parse_head(std::string_view head) {
  HttpSeen seen;
  const auto first = head.substr(0, head.find("\r\n"));
  const auto space = first.find(' ');
  seen.target = first.substr(space + 1, first.rfind(' ') - space - 1);
  head.remove_prefix(first.size());
  while (head.starts_with("\r\n")) {
    head.remove_prefix(2);
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    seen.headers[lower_case(line.substr(0, colon))] = trim(line.substr(colon + 1));
  }
  return seen;
}

}  // namespace

std::string http_bytes(int status,
                       std::string_view body,
                       const std::map<std::string, std::string>& headers) {
  auto text = fmt::format("HTTP/1.1 {} x\r\n", status);
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

HttpMock::HttpMock(Script script, ServerTls tls, std::uint16_t port)
    : script_(std::move(script)),
      server_([this](Peer& peer) { serve(peer); }, std::move(tls), port) {}

std::vector<HttpSeen> HttpMock::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

// The next request of the connection; nothing when it has ended.
std::optional<HttpSeen> HttpMock::read_request(Peer& peer, std::string& pending) const {
  std::array<char, 65536> chunk{};
  const auto more = [&] {
    const auto limit = reset_after_.load();
    const auto size = peer.read_some(limit == 0 ? std::span(chunk) : std::span(chunk).first(limit));
    if (limit != 0) peer.reset();
    pending.append(chunk.data(), size);
    return size != 0 && limit == 0;
  };
  while (pending.find("\r\n\r\n") == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  const auto end = pending.find("\r\n\r\n");
  auto seen = parse_head(std::string_view(pending).substr(0, end));
  pending.erase(0, end + 4);
  const auto length = std::stoul(seen.headers["content-length"]);
  while (pending.size() < length) {
    if (!more()) return std::nullopt;
  }
  seen.body = pending.substr(0, length);
  pending.erase(0, length);
  return seen;
}

void HttpMock::serve(Peer& peer) {
  std::string pending;
  while (auto request = read_request(peer, pending)) {
    HttpAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(*request);
      answer = script_(*request);
    }
    const bool sent = answer.pace == HttpAnswer::Pace::kAtOnce ? peer.write(answer.bytes)
                                                               : peer.write_bytewise(answer.bytes);
    if (!sent) return;
    switch (answer.then) {
      case HttpAnswer::Then::kKeep:
        break;
      case HttpAnswer::Then::kClose:
        return;
      case HttpAnswer::Then::kReset:
        peer.reset();
        return;
      case HttpAnswer::Then::kHang:
        peer.hang();
        return;
    }
  }
}

}  // namespace plumbline
