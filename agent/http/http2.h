// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nghttp2/nghttp2.h>

#include "agent/core/result.h"
#include "agent/http/client.h"
#include "agent/http/stream.h"

namespace plumbline {

// What came back on one HTTP/2 stream. Header names are lower case; trailers overwrite headers.
struct Http2Response {
  std::map<std::string, std::string, std::less<>> headers;
  std::string data;
  bool ended = false;     // the peer said that it is complete
  bool too_long = false;  // the data passed the limit; cut off
  bool refused = false;   // the peer has done nothing with the request: safe to send again
  std::uint32_t reset_code = 0;

  std::string_view header(std::string_view name) const;
};

// One client connection of HTTP/2, one request at a time. A coroutine of its own reads all the
// time, so that pings are answered, GOAWAY is obeyed and the end of the peer is seen while no
// request runs. It lives as long as the connection is open; close() ends it.
class Http2Connection : public std::enable_shared_from_this<Http2Connection> {
 public:
  // Takes over a fresh stream, says hello and starts to read.
  static std::shared_ptr<Http2Connection> start(boost::asio::any_io_executor executor,
                                                std::unique_ptr<ByteStream> stream);

  Http2Connection(boost::asio::any_io_executor executor, std::unique_ptr<ByteStream> stream);
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;
  Http2Connection(Http2Connection&&) = delete;
  Http2Connection& operator=(Http2Connection&&) = delete;
  ~Http2Connection();

  // Whether another request may be sent: open, and the peer has not said goodbye.
  bool is_usable() const;
  // How long nothing has come from the peer.
  std::chrono::nanoseconds idle_for() const;
  // Whether the peer answers a PING within `patience`.
  boost::asio::awaitable<bool> answers(std::chrono::nanoseconds patience);

  // `fields`: pseudo headers first. Both must stay valid until it ends. Fails when the connection
  // broke before the answer was complete.
  boost::asio::awaitable<Result<Http2Response>> request(const Headers& fields,
                                                        std::string_view body,
                                                        std::size_t max_response);
  void close();

 private:
  struct Exchange;

  boost::asio::awaitable<void> read_loop(std::shared_ptr<Http2Connection> self);
  boost::asio::awaitable<void> write_loop(std::shared_ptr<Http2Connection> self);
  void flush();
  void fail(std::string why);

  static int on_header(nghttp2_session* session,
                       const nghttp2_frame* frame,
                       const std::uint8_t* name,
                       std::size_t name_size,
                       const std::uint8_t* value,
                       std::size_t value_size,
                       std::uint8_t flags,
                       void* user);
  static int on_data(nghttp2_session* session,
                     std::uint8_t flags,
                     std::int32_t id,
                     const std::uint8_t* data,
                     std::size_t size,
                     void* user);
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user);
  static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* user);
  static ssize_t on_read_body(nghttp2_session* session,
                              std::int32_t id,
                              std::uint8_t* buffer,
                              std::size_t size,
                              std::uint32_t* flags,
                              nghttp2_data_source* source,
                              void* user);

  std::unique_ptr<ByteStream> stream_;
  nghttp2_session* session_ = nullptr;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer changed_;  // woken when an answer, a pong or an error came
  std::string out_;
  Exchange* exchange_ = nullptr;
  std::string error_;  // why the connection is no good any more
  Deadline last_heard_;
  bool heard_ = false;
  bool writing_ = false;
  bool pong_ = false;
};

}  // namespace plumbline
