// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "agent/http/tls.h"
#include "agent/http/url.h"

namespace plumbline {

// A connected byte stream, with TLS or without. One read and one write may run at the same time.
// Cancelling either leaves the stream good for nothing but its destructor, which closes it.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  ByteStream(ByteStream&&) = delete;
  ByteStream& operator=(ByteStream&&) = delete;
  virtual ~ByteStream() = default;

  // How many bytes came; 0 is the end. Errors are kUnavailable.
  virtual boost::asio::awaitable<Result<std::size_t>> read_some(
      boost::asio::mutable_buffer buffer) = 0;
  virtual boost::asio::awaitable<Result<>> write(
      std::span<const boost::asio::const_buffer> buffers) = 0;

  // Whether an idle stream was closed by the peer, or got bytes nobody asked for.
  virtual bool is_stale() = 0;
  // Ends running reads and writes.
  virtual void close() = 0;
};

// kNone: a protocol that has no name in TLS.
enum class Alpn : std::uint8_t { kNone, kHttp11, kHttp2 };

// How to open a stream to one destination.
struct Dialer {
  Url url;
  TlsContext tls;           // null: without TLS
  std::string server_name;  // to be found in the peer's certificate; empty: the host of the URL
  Alpn alpn = Alpn::kHttp11;
};

// Connects to the socket of the URL, if it has one, without TLS.
// Else tries the addresses of the host one after the other, each for 1.5 s at most, then shakes
// hands. With Alpn::kHttp2 over TLS the peer must agree to it.
boost::asio::awaitable<Result<std::unique_ptr<ByteStream>>> open_stream(const Dialer& dialer,
                                                                        Deadline deadline);

}  // namespace plumbline
