// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "agent/http/content_coding.h"
#include "agent/http/grpc_status.h"
#include "agent/http/http2.h"

namespace plumbline {

struct GrpcRequest {
  std::string_view path;    // "/package.Service/Method"
  const Headers& metadata;  // lower-case names
  std::string_view message;
  std::size_t max_response = kMaxResponseBytes;  // decompressed
};

struct GrpcReply {
  enum class Message : std::uint8_t { kWhole, kMissing, kTooLong, kMalformed };

  GrpcStatus status;
  Message state = Message::kMissing;
  std::string message;           // decompressed; empty unless kWhole
  std::uint64_t sent_bytes = 0;  // of the message as it went out, compressed and framed
};

// Unary calls to one destination over one HTTP/2 connection that is kept between calls: plain with
// prior knowledge, or TLS with ALPN. One call at a time.
class GrpcClient {
 public:
  GrpcClient(Url url, std::string server_name, ContentCoding coding);
  GrpcClient(const GrpcClient&) = delete;
  GrpcClient& operator=(const GrpcClient&) = delete;
  GrpcClient(GrpcClient&&) = delete;
  GrpcClient& operator=(GrpcClient&&) = delete;
  ~GrpcClient();

  // Fails when no status came: no connection, a connection that broke, no answer in time. A request
  // the peer refused unseen (REFUSED_STREAM, GOAWAY), or whose kept connection broke, is sent once
  // more over a new connection.
  boost::asio::awaitable<Result<GrpcReply>> call(const GrpcRequest& request,
                                                 TlsContext tls,
                                                 Deadline deadline);

 private:
  boost::asio::awaitable<Result<std::shared_ptr<Http2Connection>>> connection(Deadline deadline);
  boost::asio::awaitable<Result<Http2Response>> exchange(const GrpcRequest& request,
                                                         Deadline deadline);

  Dialer dialer_;
  Compressor compressor_;
  std::string frame_;
  std::shared_ptr<Http2Connection> connection_;
};

// What an HTTP/2 answer means to gRPC. Fails when the stream was reset before there was a status.
Result<GrpcReply> decode_grpc_reply(const Http2Response& response,
                                    std::size_t max_response = kMaxResponseBytes);

}  // namespace plumbline
