// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/rdkafka/handle.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

using Text = std::array<char, 512>;  // as long as librdkafka's own

constexpr std::uint64_t kWakeUp = 1;  // what an eventfd takes: 8 bytes, added up
// librdkafka asks for another token before this time is over.
constexpr std::chrono::minutes kTokenLifetime{10};

struct FreeConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};

Error malformed(const Text& text) {
  return {.code = Errc::kMalformed, .what = fmt::format("librdkafka: {}", text.data())};
}

}  // namespace

void FreeRdEvent::operator()(rd_kafka_op_s* event) const {
  rd_kafka_event_destroy(event);
}

Result<std::unique_ptr<RdHandle>> RdHandle::make(Kind kind,
                                                 const RdSettings& settings,
                                                 int events) {
  Text text{};
  std::unique_ptr<rd_kafka_conf_t, FreeConf> conf(rd_kafka_conf_new());
  // Its own lines on standard error would go past the agent's log; what matters comes as an event.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  rd_kafka_conf_set_events(conf.get(), events);
  for (const auto& [key, value] : settings) {
    const auto set =
        rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), text.data(), text.size());
    if (set != RD_KAFKA_CONF_OK) return malformed(text);
  }
  std::unique_ptr<RdHandle> handle(new RdHandle(kind));
  handle->wake_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!handle->wake_) return errno_error(errno, "no eventfd for librdkafka");
  const bool consumes = kind == Kind::kConsumer;
  handle->handle_ = rd_kafka_new(
      consumes ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size());
  if (handle->handle_ == nullptr) return malformed(text);
  static_cast<void>(conf.release());
  if (consumes) rd_kafka_poll_set_consumer(handle->handle_);
  handle->queue_ = consumes ? rd_kafka_queue_get_consumer(handle->handle_)
                            : rd_kafka_queue_get_main(handle->handle_);
  rd_kafka_queue_io_event_enable(handle->queue_, handle->wake_.get(), &kWakeUp, sizeof(kWakeUp));
  return handle;
}

void RdHandle::retire(std::unique_ptr<RdHandle> handle, std::chrono::milliseconds patience) {
  std::promise<void> promise;
  const auto freed = promise.get_future();
  try {
    std::thread([handle = std::move(handle), promise = std::move(promise)]() mutable {
      handle.reset();
      promise.set_value();
    }).detach();
  } catch (const std::system_error&) {
    return;  // no thread to be had: it was freed here
  }
  freed.wait_for(patience);
}

RdHandle::~RdHandle() {
  if (queue_ != nullptr) {
    rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
    rd_kafka_queue_destroy(queue_);
  }
  if (handle_ == nullptr) return;
  if (kind_ == Kind::kConsumer) rd_kafka_consumer_close(handle_);
  rd_kafka_destroy(handle_);
}

Result<> RdHandle::set_token(const std::string& token) {
  const auto lifetime = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch() + kTokenLifetime);
  Text text{};
  const auto set = rd_kafka_oauthbearer_set_token(
      handle_, token.c_str(), lifetime.count(), "plumbline", nullptr, 0, text.data(), text.size());
  if (set != RD_KAFKA_RESP_ERR_NO_ERROR) return malformed(text);
  return {};
}

RdEvent RdHandle::poll() {
  return RdEvent(rd_kafka_queue_poll(queue_, 0));
}

asio::awaitable<void> RdHandle::wait(Deadline deadline) {
  using asio::experimental::awaitable_operators::operator||;
  const auto executor = co_await asio::this_coro::executor;
  const int copy = ::dup(wake_.get());
  if (copy < 0) co_return;
  asio::posix::stream_descriptor wake(executor, copy);
  asio::steady_timer timer(executor, deadline);
  co_await (wake.async_wait(asio::posix::descriptor_base::wait_read, kAsTuple) ||
            timer.async_wait(kAsTuple));
  // An eventfd is one number: reading it makes it 0.
  std::uint64_t count = 0;
  [[maybe_unused]] const auto length = ::read(copy, &count, sizeof(count));
}

}  // namespace plumbline::kafka
