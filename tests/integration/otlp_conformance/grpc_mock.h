// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/integration/otlp_conformance/mock_server.h"

namespace plumbline {

struct GrpcSeen {
  std::map<std::string, std::string> headers;
  std::string body;  // with the five-byte prefix
};

struct GrpcAnswer {
  enum class Instead : std::uint8_t { kNothing, kSilence, kReset, kGoawayRefused, kClose };
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Instead instead = Instead::kNothing;
  std::uint32_t reset_code = 0;
  Pairs headers{{":status", "200"}, {"content-type", "application/grpc"}};
  std::string data;  // with its prefix; no data and no trailers: a trailers-only answer
  Pairs trailers;
  bool goaway_after = false;
  bool byte_by_byte = false;
};

// "\0" and the length in front of `message`.
std::string grpc_frame(std::string_view message, char flag = 0);
// A whole answer: headers, an empty message, grpc-status 0.
GrpcAnswer grpc_ok(std::string_view message = {});
// A trailers-only answer.
GrpcAnswer grpc_error(int code, std::string_view message = {}, GrpcAnswer::Pairs more = {});
// grpc-status-details-bin with a RetryInfo of that delay.
std::pair<std::string, std::string> retry_info(std::int64_t seconds, std::int32_t nanos);
std::string base64_encode(std::string_view bytes);

// An HTTP/2 server that speaks gRPC as its script says and remembers what it was sent.
class GrpcMock {
 public:
  using Script = std::function<GrpcAnswer(const GrpcSeen&)>;

  enum class When : std::uint8_t { kAtTheEnd, kBeforeTheBody };

  explicit GrpcMock(Script script, ServerTls tls = {}, When when = When::kAtTheEnd);

  MockServer& server() { return server_; }
  std::string url() const { return "grpc://" + server_.address(); }
  std::vector<GrpcSeen> seen();
  int pings() const { return pings_; }

 private:
  friend class GrpcMockConnection;
  GrpcAnswer answer(const GrpcSeen& seen);

  Script script_;
  When when_;
  std::mutex mutex_;
  std::vector<GrpcSeen> seen_;
  std::atomic<int> pings_{0};
  MockServer server_;
};

}  // namespace plumbline
