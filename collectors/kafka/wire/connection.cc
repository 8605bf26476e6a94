// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/connection.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collectors/kafka/wire/metadata.h"
#include "collectors/kafka/wire/own_thread.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kReadAhead = 64 << 10;
constexpr std::string_view kClientId = "plumbline";  // what quotas and broker logs know us by
}  // namespace

asio::awaitable<Result<std::shared_ptr<Connection>>> Connection::open(
    const Dialer& dialer,
    const Credentials& credentials,
    std::shared_ptr<Traffic> traffic,
    Deadline deadline) {
  const auto where = dialer.url.authority();
  auto stream = co_await run_until(deadline, open_stream(dialer, deadline));
  if (!stream) {
    co_return Error{.code = Errc::kTimeout,
                    .what = fmt::format("{}: no connection in time", where)};
  }
  if (!*stream) co_return std::move(*stream).error();
  ++traffic->connections;
  auto connection = std::make_shared<Connection>(**std::move(stream), where, traffic);
  asio::co_spawn(co_await asio::this_coro::executor, connection->read_loop(), asio::detached);
  if (auto known = co_await connection->negotiate(deadline); !known) co_return known.error();
  if (credentials.mechanism != SaslMechanism::kNone) {
    if (auto in = co_await connection->authenticate(credentials, dialer.url.host, deadline); !in) {
      connection->close();
      co_return in.error();
    }
  }
  co_return connection;
}

asio::awaitable<Result<>> Connection::negotiate(Deadline deadline) {
  std::int16_t version = api(ApiKey::kApiVersions).max_version;
  auto reply = co_await call_version(ApiVersionsRequest{}, version, deadline);
  // A broker older than our version of ApiVersions answers in version 0, whatever was asked: what
  // follows its error code cannot be read in ours.
  if (reply && reply->value.error == broker_error::kUnsupportedVersion) {
    reply = co_await call_version(ApiVersionsRequest{}, 0, deadline);
  }
  if (!reply) co_return reply.error();
  if (reply->value.error != broker_error::kNone) {
    co_return Error{.code = Errc::kUnavailable,
                    .what = fmt::format(
                        "{}: ApiVersions is answered {}", name_, error_name(reply->value.error))};
  }
  versions_ = std::move(reply->value.apis);
  co_return Result<>();
}

namespace {

using SaslStep = std::function<Result<std::string>()>;

asio::awaitable<Result<std::string>> take(const std::shared_ptr<SaslExchange>& exchange,
                                          const SaslStep& step,
                                          Deadline deadline) {
  if (exchange->may_wait()) co_return co_await on_own_thread(step, deadline);
  co_return step();
}

}  // namespace

asio::awaitable<Result<>> Connection::authenticate(const Credentials& credentials,
                                                   const std::string& host,
                                                   Deadline deadline) {
  const auto denied = [this](std::string_view why) {
    return Error{.code = Errc::kDenied, .what = fmt::format("{}: {}", name_, why)};
  };
  const auto mechanism = to_string(credentials.mechanism);
  auto hello = co_await call(SaslHandshakeRequest{.mechanism = mechanism}, deadline);
  if (!hello) co_return hello.error();
  if (hello->value.error != broker_error::kNone) {
    co_return denied(fmt::format("the broker does not offer SASL {}; it offers {}",
                                 mechanism,
                                 fmt::join(hello->value.mechanisms, ", ")));
  }
  const std::shared_ptr<SaslExchange> exchange =
      make_sasl_exchange(credentials, random_nonce(), host);
  SaslStep step = [exchange] { return exchange->first(); };
  auto message = co_await take(exchange, step, deadline);
  if (!message) co_return denied(message.error().what);
  while (true) {
    auto reply = co_await call(SaslAuthenticateRequest{.bytes = *message}, deadline);
    if (!reply) co_return reply.error();
    if (reply->value.error != broker_error::kNone) {
      co_return denied(fmt::format("SASL {} is refused: {}", mechanism, reply->value.message));
    }
    step = [exchange, challenge = std::string(reply->value.bytes)] {
      return exchange->next(challenge);
    };
    message = co_await take(exchange, step, deadline);
    if (!message) co_return denied(message.error().what);
    if (exchange->done()) co_return Result<>();
  }
}

std::string Connection::begin_request(const Api& api, std::int16_t version) {
  std::string text(4, '\0');  // the length, once it is known
  Writer header(text, Encoding::kClassic);
  header.i16(static_cast<std::int16_t>(api.key));
  header.i16(version);
  header.i32(0);             // the correlation id, once it is sent
  header.string(kClientId);  // classic even where the rest is flexible
  if (api.encoding(version) == Encoding::kFlexible) header.i8(0);  // no tagged fields
  return text;
}

namespace {

void put_i32(std::string& text, std::size_t at, std::int32_t value) {
  std::string bytes;
  Writer(bytes, Encoding::kClassic).i32(value);
  text.replace(at, bytes.size(), bytes);
}

constexpr std::size_t kCorrelationAt = 8;

}  // namespace

asio::awaitable<Result<std::vector<char>>> Connection::exchange(const Api& api,
                                                                std::string text,
                                                                Deadline deadline) {
  if (!is_open()) co_return failure_;
  const auto self = shared_from_this();
  const auto executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(executor);
  waiting->correlation = next_correlation_;
  next_correlation_ = next_correlation_ == INT32_MAX ? 1 : next_correlation_ + 1;
  put_i32(text, 0, static_cast<std::int32_t>(text.size() - 4));
  put_i32(text, kCorrelationAt, waiting->correlation);
  ++traffic_->requests;
  traffic_->sent_bytes += text.size();
  unsent_ += text;
  waiting_.push_back(waiting);
  if (!writing_) {
    writing_ = true;
    asio::co_spawn(executor, write_loop(), asio::detached);
  }
  waiting->wake.expires_at(deadline);
  co_await waiting->wake.async_wait(kAsTuple);  // cancelled by the answer
  if (waiting->frame) co_return *std::move(waiting->frame);
  if (is_open()) {
    fail({.code = Errc::kTimeout,
          .what = fmt::format("{}: {} was not answered in time", name_, api.name)});
  }
  co_return failure_;
}

asio::awaitable<void> Connection::write_loop() {
  const auto self = shared_from_this();
  while (!unsent_.empty() && is_open()) {
    const auto text = std::exchange(unsent_, {});
    const std::array buffers{asio::const_buffer(text.data(), text.size())};
    if (auto written = co_await stream_->write(buffers); !written) {
      fail(
          {.code = Errc::kUnavailable, .what = fmt::format("{}: {}", name_, written.error().what)});
    }
  }
  writing_ = false;
}

asio::awaitable<Result<>> Connection::read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    if (input_used_ == input_.size()) {
      input_.resize(kReadAhead);
      const auto n = co_await stream_->read_some(asio::mutable_buffer(input_.data(), kReadAhead));
      input_.resize(n ? *n : 0);
      input_used_ = 0;
      if (!n) co_return n.error();
      if (*n == 0) {
        co_return Error{.code = Errc::kUnavailable, .what = "the broker closed the connection"};
      }
      traffic_->received_bytes += *n;
    }
    const auto part = std::min(size, input_.size() - input_used_);
    std::copy_n(input_.data() + input_used_, part, to);
    input_used_ += part;
    to += part;
    size -= part;
  }
  co_return Result<>();
}

asio::awaitable<void> Connection::read_loop() {
  const auto self = shared_from_this();
  while (is_open()) {
    std::array<char, 4> prefix{};
    auto read = co_await read_exactly(prefix.data(), prefix.size());
    std::vector<char> frame;
    if (read) {
      const auto size = Reader({prefix.data(), prefix.size()}, Encoding::kClassic).i32();
      if (size < 4 || size > kMaxFrame) {
        read = Error{.code = Errc::kMalformed,
                     .what = fmt::format("announces an answer of {} bytes: is this a Kafka port "
                                         "without TLS?",
                                         size)};
      } else {
        // Grows with what really comes: the announced length is only a claim.
        while (read && frame.size() < static_cast<std::size_t>(size)) {
          const auto had = frame.size();
          frame.resize(std::min(static_cast<std::size_t>(size), had + kReadAhead));
          read = co_await read_exactly(frame.data() + had, frame.size() - had);
        }
      }
    }
    if (read) read = deliver(std::move(frame));
    if (!read) {
      fail({.code = read.error().code, .what = fmt::format("{}: {}", name_, read.error().what)});
    }
  }
}

Result<> Connection::deliver(std::vector<char> frame) {
  const auto correlation = Reader({frame.data(), frame.size()}, Encoding::kClassic).i32();
  if (waiting_.empty() || waiting_.front()->correlation != correlation) {
    return Error{
        .code = Errc::kMalformed,
        .what = fmt::format("answers request {}, which it was not asked next", correlation)};
  }
  const auto waiting = waiting_.front();
  waiting_.pop_front();
  waiting->frame = std::move(frame);
  waiting->wake.cancel();
  return {};
}

void Connection::fail(Error error) {
  if (!is_open()) return;
  failure_ = std::move(error);
  stream_->close();
  for (const auto& waiting : std::exchange(waiting_, {})) waiting->wake.cancel();
}

Error Connection::unsupported(ApiKey key) const {
  return {.code = Errc::kUnsupported,
          .what = fmt::format("{}: the broker does not offer {}", name_, api(key).name)};
}

Error Connection::malformed(const Api& api, std::size_t size) const {
  return {
      .code = Errc::kMalformed,
      .what = fmt::format("{}: its answer to {} ({} bytes) cannot be read", name_, api.name, size)};
}

}  // namespace plumbline::kafka
