// SPDX-License-Identifier: Apache-2.0
#include "agent/http/grpc_client.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace plumbline {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPrefix = 5;  // compressed flag, message length

// A connection that was silent for longer is asked for a sign of life first: routers forget idle
// connections, and waiting for a request to time out would cost its whole timeout. Never more than
// one PING between two answers, which servers that count pings allow.
constexpr std::chrono::seconds kIdle{20};
constexpr std::chrono::seconds kPingPatience{2};

// Closes the connection unless the exchange on it ran to its end.
class Guard {
 public:
  explicit Guard(Http2Connection& connection) : connection_(&connection) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  Guard(Guard&&) = delete;
  Guard& operator=(Guard&&) = delete;
  ~Guard() {
    if (connection_ != nullptr) connection_->close();
  }
  void release() { connection_ = nullptr; }

 private:
  Http2Connection* connection_;
};

std::string grpc_timeout(Deadline deadline) {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  // At most eight digits (gRPC over HTTP/2, "Timeout").
  return fmt::format("{}m", std::clamp<milliseconds::rep>(left.count(), 1, 99'999'999));
}

Headers fields_of(const GrpcRequest& request,
                  const Url& url,
                  ContentCoding coding,
                  Deadline deadline) {
  Headers fields{{":method", "POST"},
                 {":scheme", url.tls() ? "https" : "http"},
                 {":path", std::string(request.path)},
                 {":authority", url.authority()},
                 {"te", "trailers"},
                 {"content-type", "application/grpc"},
                 {"grpc-accept-encoding", "identity,gzip,zstd"},
                 {"grpc-timeout", grpc_timeout(deadline)}};
  if (coding != ContentCoding::kIdentity) {
    fields.emplace_back("grpc-encoding", to_string(coding));
  }
  fields.insert(fields.end(), request.metadata.begin(), request.metadata.end());
  return fields;
}

Result<> frame_message(std::string_view message, Compressor& compressor, std::string& out) {
  out.assign(kPrefix, '\0');
  TRY(compressor.compress(message, out));
  const auto length = static_cast<std::uint32_t>(out.size() - kPrefix);
  out[0] = compressor.coding() == ContentCoding::kIdentity ? '\0' : '\1';
  for (unsigned i = 0; i < 4; ++i) out[i + 1] = static_cast<char>(length >> (24 - 8 * i));
  return {};
}

GrpcReply::Message unframe(std::string_view data,
                           std::string_view coding,
                           std::size_t max_size,
                           std::string& message) {
  if (data.empty()) return GrpcReply::Message::kMissing;
  if (data.size() < kPrefix) return GrpcReply::Message::kMalformed;
  std::uint32_t length = 0;
  for (unsigned i = 1; i < kPrefix; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(data[i]);
  }
  const auto body = data.substr(kPrefix);
  const auto flag = static_cast<unsigned char>(data[0]);
  if (flag > 1 || body.size() != length) return GrpcReply::Message::kMalformed;
  auto plain = decompress(flag == 1 ? coding : "identity", body, max_size);
  if (plain) {
    message = *std::move(plain);
    return GrpcReply::Message::kWhole;
  }
  return plain.error().code == Errc::kExhausted ? GrpcReply::Message::kTooLong
                                                : GrpcReply::Message::kMalformed;
}

GrpcStatus status_without_code(int http, std::string_view content_type) {
  GrpcStatus status;
  status.code = grpc_code_of_http(http);
  if (http != 200) {
    status.message = fmt::format("the peer answered HTTP status {}, not gRPC", http);
  } else if (!content_type.starts_with("application/grpc")) {
    status.message = fmt::format("the peer answered \"{}\", not gRPC", content_type);
  } else {
    status.message = "the answer has no grpc-status";
  }
  return status;
}

GrpcStatus status_of(const Http2Response& response) {
  int http = 0;
  const auto text = response.header(":status");
  std::from_chars(text.data(), text.data() + text.size(), http);
  const auto code = response.header("grpc-status");
  if (code.empty()) return status_without_code(http, response.header("content-type"));
  GrpcStatus status;
  status.code = parse_grpc_code(code);
  status.message = percent_decode(response.header("grpc-message"));
  if (const auto details = base64_decode(response.header("grpc-status-details-bin"))) {
    if (auto decoded = decode_rpc_status(*details)) {
      status.retry_delay = decoded->retry_delay;
      if (status.message.empty()) status.message = std::move(decoded->message);
    }
  }
  return status;
}

}  // namespace

Result<GrpcReply> decode_grpc_reply(const Http2Response& response, std::size_t max_response) {
  GrpcReply reply;
  if (response.too_long) {
    reply.state = GrpcReply::Message::kTooLong;
    reply.status.code = GrpcCode::kResourceExhausted;
    reply.status.message = fmt::format("the answer is longer than {} MiB", max_response >> 20U);
    return reply;
  }
  if (!response.ended) {
    return Error{.code = Errc::kUnavailable,
                 .what = fmt::format("the peer reset the request ({})",
                                     nghttp2_http2_strerror(response.reset_code))};
  }
  reply.status = status_of(response);
  reply.state =
      unframe(response.data, response.header("grpc-encoding"), max_response, reply.message);
  return reply;
}

GrpcClient::GrpcClient(Url url, std::string server_name, ContentCoding coding)
    : dialer_{.url = std::move(url),
              .tls = nullptr,
              .server_name = std::move(server_name),
              .alpn = Alpn::kHttp2},
      compressor_(coding) {}

GrpcClient::~GrpcClient() {
  if (connection_) connection_->close();
}

asio::awaitable<Result<std::shared_ptr<Http2Connection>>> GrpcClient::connection(
    Deadline deadline) {
  if (connection_ && connection_->is_usable()) {
    if (connection_->idle_for() < kIdle) co_return connection_;
    if (co_await connection_->answers(kPingPatience)) co_return connection_;
  }
  if (connection_) connection_->close();
  connection_.reset();
  auto stream = co_await open_stream(dialer_, deadline);
  if (!stream) co_return stream.error();
  connection_ = Http2Connection::start(co_await asio::this_coro::executor, *std::move(stream));
  co_return connection_;
}

asio::awaitable<Result<Http2Response>> GrpcClient::exchange(const GrpcRequest& request,
                                                            Deadline deadline) {
  auto ready = co_await connection(deadline);
  if (!ready) co_return ready.error();
  const auto fields = fields_of(request, dialer_.url, compressor_.coding(), deadline);
  Guard guard(**ready);
  auto response = co_await (*ready)->request(fields, frame_, request.max_response);
  if (response) guard.release();
  co_return response;
}

asio::awaitable<Result<GrpcReply>> GrpcClient::call(const GrpcRequest& request,
                                                    TlsContext tls,
                                                    Deadline deadline) {
  if (tls != dialer_.tls && connection_) connection_->close();
  dialer_.tls = std::move(tls);
  if (auto framed = frame_message(request.message, compressor_, frame_); !framed) {
    co_return framed.error();
  }
  const bool reused = connection_ && connection_->is_usable();
  auto response = co_await run_until(deadline, exchange(request, deadline));
  if (response && (*response ? (*response)->refused : reused)) {
    if (connection_) connection_->close();
    response = co_await run_until(deadline, exchange(request, deadline));
  }
  if (!response) {
    co_return Error{.code = Errc::kTimeout,
                    .what = fmt::format("no answer from {} in time", dialer_.url.authority())};
  }
  if (!*response) co_return response->error();
  auto reply = decode_grpc_reply(**response, request.max_response);
  if (reply) reply->sent_bytes = frame_.size();
  co_return reply;
}

}  // namespace plumbline
