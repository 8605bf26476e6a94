// SPDX-License-Identifier: Apache-2.0
#include "agent/http/http2.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace plumbline {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kWriteChunk = 64U << 10U;  // a frame is 16 KiB at most: four to a write
constexpr std::size_t kMaxHeaders = 64;

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* raw(const std::string& text) {
  // nghttp2's name/value pairs are not const, yet it only copies from them.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

// What the first bytes of something that is not HTTP/2 tell.
std::string not_http2(std::string_view bytes) {
  if (bytes.starts_with("HTTP/")) {
    return "the peer answered HTTP/1.1 to gRPC: is this the HTTP port (4318)?";
  }
  if (bytes.starts_with("\x15\x03")) return "the port speaks TLS: write grpcs:// before it";
  return {};
}

}  // namespace

// A request that is under way; lives in the coroutine that waits for it.
struct Http2Connection::Exchange {
  std::int32_t id = -1;
  std::string_view body;
  std::size_t max_response = 0;
  bool closed = false;
  Http2Response response;
};

std::string_view Http2Response::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

Http2Connection::Http2Connection(asio::any_io_executor executor, std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)),
      executor_(executor),
      changed_(executor, Deadline::max()),
      last_heard_(std::chrono::steady_clock::now()) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
}

Http2Connection::~Http2Connection() {
  nghttp2_session_del(session_);
}

std::shared_ptr<Http2Connection> Http2Connection::start(asio::any_io_executor executor,
                                                        std::unique_ptr<ByteStream> stream) {
  auto connection = std::make_shared<Http2Connection>(executor, std::move(stream));
  const std::array<nghttp2_settings_entry, 1> settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  nghttp2_submit_settings(
      connection->session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  connection->flush();
  asio::co_spawn(executor, connection->read_loop(connection), asio::detached);
  return connection;
}

bool Http2Connection::is_usable() const {
  return error_.empty() && nghttp2_session_check_request_allowed(session_) != 0;
}

std::chrono::nanoseconds Http2Connection::idle_for() const {
  return std::chrono::steady_clock::now() - last_heard_;
}

void Http2Connection::close() {
  fail("closed");
}

void Http2Connection::fail(std::string why) {
  if (error_.empty()) error_ = std::move(why);
  stream_->close();
  changed_.cancel();
}

asio::awaitable<void> Http2Connection::read_loop(
    [[maybe_unused]] std::shared_ptr<Http2Connection> self) {
  std::array<char, 16384> chunk{};
  while (error_.empty()) {
    const auto size = co_await stream_->read_some(asio::buffer(chunk));
    if (!size || *size == 0) {
      fail(size ? "the peer closed the connection" : size.error().what);
      break;
    }
    last_heard_ = std::chrono::steady_clock::now();
    if (!std::exchange(heard_, true)) {
      if (auto why = not_http2({chunk.data(), *size}); !why.empty()) {
        fail(std::move(why));
        break;
      }
    }
    const auto used = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(chunk.data()), *size);
    if (used < 0) {
      fail(fmt::format("the peer does not speak HTTP/2 well: {}",
                       nghttp2_strerror(static_cast<int>(used))));
      break;
    }
    flush();
  }
}

void Http2Connection::flush() {
  if (writing_ || !error_.empty() || nghttp2_session_want_write(session_) == 0) return;
  writing_ = true;
  asio::co_spawn(executor_, write_loop(shared_from_this()), asio::detached);
}

asio::awaitable<void> Http2Connection::write_loop(
    [[maybe_unused]] std::shared_ptr<Http2Connection> self) {
  while (error_.empty()) {
    out_.clear();
    while (out_.size() < kWriteChunk) {
      const std::uint8_t* frame = nullptr;
      const auto size = nghttp2_session_mem_send(session_, &frame);
      if (size <= 0) break;
      out_.append(view(frame, static_cast<std::size_t>(size)));
    }
    if (out_.empty()) break;
    const std::array<asio::const_buffer, 1> buffers{asio::buffer(out_)};
    // A write that fails is followed by a read that does, which may still find the answer.
    if (!co_await stream_->write(buffers)) co_return;
  }
  writing_ = false;
  // After GOAWAY and its last answer, or an error of the protocol, there is nothing more to say.
  const bool over =
      nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (over) fail("the peer ended the HTTP/2 session");
}

asio::awaitable<bool> Http2Connection::answers(std::chrono::nanoseconds patience) {
  pong_ = false;
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  flush();
  const auto until = std::chrono::steady_clock::now() + patience;
  changed_.expires_at(until);
  while (!pong_ && error_.empty() && std::chrono::steady_clock::now() < until) {
    co_await changed_.async_wait(kAsTuple);
  }
  co_return pong_&& is_usable();
}

asio::awaitable<Result<Http2Response>> Http2Connection::request(const Headers& fields,
                                                                std::string_view body,
                                                                std::size_t max_response) {
  Exchange exchange;
  exchange.body = body;
  exchange.max_response = max_response;
  std::vector<nghttp2_nv> pairs;
  pairs.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    pairs.push_back({raw(name), raw(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider provider{};
  provider.read_callback = on_read_body;
  exchange.id =
      nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(), &provider, nullptr);
  if (exchange.id < 0) {
    co_return Error{.code = Errc::kUnavailable, .what = nghttp2_strerror(exchange.id)};
  }
  exchange_ = &exchange;
  const std::unique_ptr<Http2Connection, void (*)(Http2Connection*)> forget(
      this, [](Http2Connection* connection) { connection->exchange_ = nullptr; });
  flush();
  changed_.expires_at(Deadline::max());
  while (!exchange.closed && error_.empty()) co_await changed_.async_wait(kAsTuple);
  if (!exchange.closed && !exchange.response.ended) {
    co_return Error{.code = Errc::kUnavailable, .what = error_};
  }
  co_return std::move(exchange.response);
}

int Http2Connection::on_header(nghttp2_session* /*session*/,
                               const nghttp2_frame* frame,
                               const std::uint8_t* name,
                               std::size_t name_size,
                               const std::uint8_t* value,
                               std::size_t value_size,
                               std::uint8_t /*flags*/,
                               void* user) {
  auto* exchange = static_cast<Http2Connection*>(user)->exchange_;
  if (exchange == nullptr || frame->hd.stream_id != exchange->id) return 0;
  auto& headers = exchange->response.headers;
  if (headers.size() >= kMaxHeaders) return 0;
  headers.insert_or_assign(std::string(view(name, name_size)),
                           std::string(view(value, value_size)));
  return 0;
}

int Http2Connection::on_data(nghttp2_session* session,
                             std::uint8_t /*flags*/,
                             std::int32_t id,
                             const std::uint8_t* data,
                             std::size_t size,
                             void* user) {
  auto* exchange = static_cast<Http2Connection*>(user)->exchange_;
  if (exchange == nullptr || id != exchange->id || exchange->response.too_long) return 0;
  auto& response = exchange->response;
  if (response.data.size() + size > exchange->max_response) {
    response.too_long = true;
    response.data.clear();
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    return 0;
  }
  response.data.append(view(data, size));
  return 0;
}

int Http2Connection::on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  auto* self = static_cast<Http2Connection*>(user);
  const bool acknowledged = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (frame->hd.type == NGHTTP2_PING && acknowledged) {
    self->pong_ = true;
    self->changed_.cancel();
  }
  auto* exchange = self->exchange_;
  if (exchange == nullptr || frame->hd.stream_id != exchange->id) return 0;
  if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
      (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
    exchange->response.ended = true;
    // The answer is complete although we are still sending: the rest is of no use to anybody.
    if (!exchange->body.empty()) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, exchange->id, NGHTTP2_CANCEL);
    }
  }
  return 0;
}

int Http2Connection::on_close(nghttp2_session* /*session*/,
                              std::int32_t id,
                              std::uint32_t code,
                              void* user) {
  auto* self = static_cast<Http2Connection*>(user);
  if (self->exchange_ == nullptr || id != self->exchange_->id) return 0;
  self->exchange_->closed = true;
  self->exchange_->response.reset_code = code;
  self->exchange_->response.refused = code == NGHTTP2_REFUSED_STREAM;
  self->changed_.cancel();
  return 0;
}

ssize_t Http2Connection::on_read_body(nghttp2_session* /*session*/,
                                      std::int32_t id,
                                      std::uint8_t* buffer,
                                      std::size_t size,
                                      std::uint32_t* flags,
                                      nghttp2_data_source* /*source*/,
                                      void* user) {
  auto* exchange = static_cast<Http2Connection*>(user)->exchange_;
  if (exchange == nullptr || id != exchange->id) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const auto count = std::min(size, exchange->body.size());
  std::memcpy(buffer, exchange->body.data(), count);
  exchange->body.remove_prefix(count);
  if (exchange->body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

}  // namespace plumbline
