// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/otlp_conformance/mock_server.h"

namespace plumbline {

struct HttpSeen {
  std::string target;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // as it came
};

struct HttpAnswer {
  enum class Pace : std::uint8_t { kAtOnce, kByteByByte };
  enum class Then : std::uint8_t { kKeep, kClose, kReset, kHang };

  std::string bytes;
  Pace pace = Pace::kAtOnce;
  Then then = Then::kKeep;
};

// "HTTP/1.1 STATUS x", the headers, Content-Length and the body.
std::string http_bytes(int status,
                       std::string_view body = {},
                       const std::map<std::string, std::string>& headers = {});

// An HTTP/1.1 server that answers as its script says and remembers what it was sent.
class HttpMock {
 public:
  using Script = std::function<HttpAnswer(const HttpSeen&)>;

  explicit HttpMock(Script script, ServerTls tls = {}, std::uint16_t port = 0);

  MockServer& server() { return server_; }
  std::string url() const { return "http://" + server_.address(); }
  std::vector<HttpSeen> seen();
  // From now on a connection is reset after so many bytes of a request; 0: none is.
  void reset_after(std::size_t bytes) { reset_after_ = bytes; }

 private:
  void serve(Peer& peer);
  std::optional<HttpSeen> read_request(Peer& peer, std::string& pending) const;

  Script script_;
  std::atomic<std::size_t> reset_after_{0};
  std::mutex mutex_;
  std::vector<HttpSeen> seen_;
  MockServer server_;
};

}  // namespace plumbline
