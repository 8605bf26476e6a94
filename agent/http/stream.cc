// SPDX-License-Identifier: Apache-2.0
#include "agent/http/stream.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "agent/http/resolve.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using local = asio::local::stream_protocol;
using boost::system::error_code;

Error broken(const error_code& problem) {
  return {.code = Errc::kUnavailable,
          .what = fmt::format("the connection broke: {}", problem.message())};
}

// For one address. Time for a SYN and one more of it; a destination that was cut off the network is
// found again soon, for with a longer wait the next SYN would come seconds later.
constexpr std::chrono::milliseconds kConnectTimeout{1'500};

bool is_end(const error_code& problem) {
  return problem == asio::error::eof || problem == asio::ssl::error::stream_truncated;
}

template <class AsyncStream>
asio::awaitable<Result<std::size_t>> read_from(AsyncStream& stream, asio::mutable_buffer buffer) {
  const auto [problem, size] = co_await stream.async_read_some(buffer, kAsTuple);
  if (is_end(problem)) co_return std::size_t{0};
  if (problem) co_return broken(problem);
  co_return size;
}

template <class AsyncStream>
asio::awaitable<Result<>> write_to(AsyncStream& stream,
                                   std::span<const asio::const_buffer> buffers) {
  const auto [problem, size] = co_await asio::async_write(stream, buffers, kAsTuple);
  if (problem) co_return broken(problem);
  co_return Result<>();
}

template <class Socket>
bool is_readable(Socket& socket) {
  char byte = 0;
  return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
         (errno != EAGAIN && errno != EWOULDBLOCK);
}

template <class Socket>
class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<Result<std::size_t>> read_some(asio::mutable_buffer buffer) override {
    return read_from(socket_, buffer);
  }
  asio::awaitable<Result<>> write(std::span<const asio::const_buffer> buffers) override {
    return write_to(socket_, buffers);
  }
  bool is_stale() override { return is_readable(socket_); }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

class TlsStream final : public ByteStream {
 public:
  TlsStream(tcp::socket socket, TlsContext context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::awaitable<Result<>> handshake(const Dialer& dialer);

  asio::awaitable<Result<std::size_t>> read_some(asio::mutable_buffer buffer) override {
    return read_from(stream_, buffer);
  }
  asio::awaitable<Result<>> write(std::span<const asio::const_buffer> buffers) override {
    return write_to(stream_, buffers);
  }
  // Between two requests of HTTP/1.1 a TLS 1.3 peer may still send session tickets: those are read
  // along with the next answer. Only the end of the stream makes it stale.
  bool is_stale() override {
    char byte = 0;
    const auto n = ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  Result<> prepare(const Dialer& dialer);

  TlsContext context_;
  asio::ssl::stream<tcp::socket> stream_;
};

const std::string& expected_name(const Dialer& dialer) {
  return dialer.server_name.empty() ? dialer.url.host : dialer.server_name;
}

// Says whom we want to see and what we want to speak.
Result<> TlsStream::prepare(const Dialer& dialer) {
  const auto& name = expected_name(dialer);
  auto* handle = stream_.native_handle();
  error_code not_numeric;
  asio::ip::make_address(name, not_numeric);
  const bool named = not_numeric.failed()
                         ? SSL_set_tlsext_host_name(handle, name.c_str()) == 1 &&
                               SSL_set1_host(handle, name.c_str()) == 1
                         // No server name for addresses (RFC 6066).
                         : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), name.c_str()) == 1;
  static constexpr std::string_view kHttp2 = "\x02h2";
  static constexpr std::string_view kHttp11 = "\x08http/1.1";
  const auto wanted = dialer.alpn == Alpn::kHttp2 ? kHttp2 : kHttp11;
  const auto* bytes = reinterpret_cast<const unsigned char*>(wanted.data());
  const bool offered =
      dialer.alpn == Alpn::kNone ||
      SSL_set_alpn_protos(handle, bytes, static_cast<unsigned>(wanted.size())) == 0;
  if (named && offered) return {};
  return Error{.code = Errc::kExhausted, .what = "no memory to prepare the TLS handshake"};
}

// What to do about a certificate that is not trusted.
std::string_view advice(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "; it must be renewed there, or the clock here is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "; the clock here is wrong, or there when it was made";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "; ca_file must name the authority that signed it";
    default:
      return "";
  }
}

Error handshake_failed(const Dialer& dialer, SSL* handle, const error_code& problem) {
  const auto where = dialer.url.authority();
  const auto verdict = SSL_get_verify_result(handle);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return {
        .code = Errc::kDenied,
        .what = fmt::format("the certificate of {} is not for {}", where, expected_name(dialer))};
  }
  if (verdict != X509_V_OK) {
    return {.code = Errc::kDenied,
            .what = fmt::format("the certificate of {} is not trusted: {}{}",
                                where,
                                X509_verify_cert_error_string(verdict),
                                advice(verdict))};
  }
  const bool not_tls =
      problem.category() == asio::error::get_ssl_category() &&
      ERR_GET_REASON(static_cast<unsigned long>(problem.value())) == SSL_R_WRONG_VERSION_NUMBER;
  return {.code = Errc::kUnavailable,
          .what = fmt::format("TLS handshake with {} failed: {}{}",
                              where,
                              problem.message(),
                              not_tls ? " (does this port speak TLS at all?)" : "")};
}

asio::awaitable<Result<>> TlsStream::handshake(const Dialer& dialer) {
  if (auto ready = prepare(dialer); !ready) co_return ready;
  const auto [problem] = co_await stream_.async_handshake(asio::ssl::stream_base::client, kAsTuple);
  if (problem) co_return handshake_failed(dialer, stream_.native_handle(), problem);
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(stream_.native_handle(), &chosen, &length);
  const std::string_view protocol(reinterpret_cast<const char*>(chosen), length);
  if (dialer.alpn == Alpn::kHttp2 && protocol != "h2") {
    co_return Error{.code = Errc::kUnsupported,
                    .what = fmt::format("{} does not offer HTTP/2, which gRPC needs: is this the "
                                        "HTTP port (4318)?",
                                        dialer.url.authority())};
  }
  co_return Result<>();
}

asio::awaitable<Result<tcp::socket>> connect_one(tcp::endpoint endpoint, std::string where) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const auto [problem] = co_await socket.async_connect(endpoint, kAsTuple);
  if (problem) {
    co_return Error{.code = Errc::kUnavailable,
                    .what = fmt::format("cannot connect to {}: {}", where, problem.message())};
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  co_return std::move(socket);
}

asio::awaitable<Result<local::socket>> connect_local(std::string path) {
  local::socket socket(co_await asio::this_coro::executor);
  error_code problem;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    problem = asio::error::name_too_long;
  } else {
    std::tie(problem) = co_await socket.async_connect(local::endpoint(path), kAsTuple);
  }
  if (!problem) co_return std::move(socket);
  const bool denied = problem == boost::system::errc::permission_denied;
  co_return Error{.code = denied ? Errc::kDenied : Errc::kUnavailable,
                  .what = fmt::format("cannot connect to {}: {}", path, problem.message())};
}

asio::awaitable<Result<tcp::socket>> connect_any(const Url& url, Deadline deadline) {
  auto endpoints = co_await resolve(url);
  if (!endpoints) co_return endpoints.error();
  Error last{.code = Errc::kTimeout,
             .what = fmt::format("cannot connect to {}: no answer", url.authority())};
  auto left = static_cast<int>(endpoints->size());
  for (const auto& endpoint : *endpoints) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = std::min(now + kConnectTimeout, now + (deadline - now) / left--);
    auto socket = co_await run_until(share, connect_one(endpoint, url.authority()));
    if (socket && *socket) co_return std::move(**socket);
    if (socket) last = socket->error();
  }
  co_return last;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<ByteStream>>> open_stream(const Dialer& dialer,
                                                                 Deadline deadline) {
  if (!dialer.url.socket.empty()) {
    auto local_socket = co_await connect_local(dialer.url.socket);
    if (!local_socket) co_return local_socket.error();
    std::unique_ptr<ByteStream> plain =
        std::make_unique<PlainStream<local::socket>>(*std::move(local_socket));
    co_return plain;
  }
  auto socket = co_await connect_any(dialer.url, deadline);
  if (!socket) co_return socket.error();
  if (!dialer.tls) {
    std::unique_ptr<ByteStream> plain =
        std::make_unique<PlainStream<tcp::socket>>(*std::move(socket));
    co_return plain;
  }
  auto stream = std::make_unique<TlsStream>(*std::move(socket), dialer.tls);
  if (auto done = co_await stream->handshake(dialer); !done) co_return done.error();
  std::unique_ptr<ByteStream> secure = std::move(stream);
  co_return secure;
}

}  // namespace plumbline
