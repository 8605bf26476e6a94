// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/producer.h"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <future>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace plumbline {
namespace {

using Event = KafkaProducer::Event;
using Text = std::array<char, 512>;  // as long as librdkafka's own

constexpr std::int16_t kProduceApi = 0;  // Kafka protocol, "Api Key"
constexpr std::uint64_t kWakeUp = 1;     // what an eventfd takes: 8 bytes, added up
constexpr const char* kInterceptor = "plumbline";
constexpr std::string_view kBrokers = "bootstrap.servers";

struct FreeConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
struct FreeEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct FreeError {
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
};

// On a thread of librdkafka.
rd_kafka_resp_err_t count_request(rd_kafka_t* /*handle*/,
                                  int /*socket*/,
                                  const char* /*broker*/,
                                  std::int32_t /*broker_id*/,
                                  std::int16_t api,
                                  std::int16_t /*version*/,
                                  std::int32_t /*correlation*/,
                                  std::size_t size,
                                  void* counter) {
  if (api == kProduceApi) {
    static_cast<std::atomic<std::uint64_t>*>(counter)->fetch_add(size, std::memory_order_relaxed);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t watch_requests(rd_kafka_t* handle,
                                   const rd_kafka_conf_t* /*conf*/,
                                   void* counter,
                                   char* /*text*/,
                                   std::size_t /*text_size*/) {
  return rd_kafka_interceptor_add_on_request_sent(handle, kInterceptor, count_request, counter);
}

Error malformed(const Text& text) {
  return {.code = Errc::kMalformed, .what = fmt::format("Kafka: {}", text.data())};
}

using Conf = std::unique_ptr<rd_kafka_conf_t, FreeConf>;

Result<Conf> conf_of(const KafkaSettings& settings) {
  Text text{};
  Conf conf(rd_kafka_conf_new());
  // Its own lines on standard error would go past the agent's log; what matters comes as an event.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  for (const auto& [key, value] : settings) {
    const auto set =
        rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), text.data(), text.size());
    if (set != RD_KAFKA_CONF_OK) return malformed(text);
  }
  return conf;
}

Event fatal_of(rd_kafka_t* handle) {
  Text text{};
  const auto code = rd_kafka_fatal_error(handle, text.data(), text.size());
  return {.kind = Event::Kind::kFatal, .code = code, .text = text.data()};
}

// The error of a message may be told before the one of the producer that it comes from.
Event report_of(rd_kafka_t* handle, rd_kafka_event_t* event) {
  Event report{.kind = Event::Kind::kReport};
  while (const auto* message = rd_kafka_event_message_next(event)) report.code = message->err;
  const bool fatal = report.code != RD_KAFKA_RESP_ERR_NO_ERROR &&
                     rd_kafka_fatal_error(handle, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
  return fatal ? fatal_of(handle) : report;
}

Event error_of(rd_kafka_t* handle, rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR__FATAL) return fatal_of(handle);
  return {.kind = Event::Kind::kError, .code = code, .text = rd_kafka_event_error_string(event)};
}

}  // namespace

int KafkaProducer::library_version() {
  return rd_kafka_version();
}

Result<> KafkaProducer::check(KafkaSettings settings) {
  // Without brokers there is nothing to connect to, and nothing to wait for in the end.
  std::erase_if(settings, [](const auto& setting) { return setting.first == kBrokers; });
  auto conf = conf_of(settings);
  if (!conf) return conf.error();
  Text text{};
  auto* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), text.data(), text.size());
  if (handle == nullptr) return malformed(text);
  static_cast<void>(conf->release());
  rd_kafka_destroy(handle);
  return {};
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::make(const KafkaSettings& settings) {
  TRY(check(settings));
  auto conf = conf_of(settings);
  if (!conf) return conf.error();
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer);
  producer->wake_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!producer->wake_) return errno_error(errno, "no eventfd for Kafka");
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  rd_kafka_conf_interceptor_add_on_new(
      conf->get(), kInterceptor, watch_requests, &producer->sent_bytes_);
  Text text{};
  producer->handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), text.data(), text.size());
  // It is the producer's now. If there is none it is lost: librdkafka 2.0.2 has freed the
  // interceptors in it, and would again. What it refuses, check() has refused before.
  static_cast<void>(conf->release());
  if (producer->handle_ == nullptr) return malformed(text);
  producer->queue_ = rd_kafka_queue_get_main(producer->handle_);
  rd_kafka_queue_io_event_enable(
      producer->queue_, producer->wake_.get(), &kWakeUp, sizeof(kWakeUp));
  return producer;
}

void KafkaProducer::retire(std::unique_ptr<KafkaProducer> producer,
                           std::chrono::milliseconds patience) {
  std::promise<void> promise;
  const auto freed = promise.get_future();
  try {
    std::thread([producer = std::move(producer), promise = std::move(promise)]() mutable {
      producer.reset();
      promise.set_value();
    }).detach();
  } catch (const std::system_error&) {
    return;  // no thread to be had: it was freed here
  }
  freed.wait_for(patience);
}

KafkaProducer::~KafkaProducer() {
  if (queue_ != nullptr) {
    rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
    rd_kafka_queue_destroy(queue_);
  }
  if (handle_ != nullptr) rd_kafka_destroy(handle_);
}

int KafkaProducer::produce(const std::string& topic, const std::string& key, std::string value) {
  message_ = std::move(value);
  std::array<rd_kafka_vu_t, 3> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {.ptr = const_cast<char*>(key.data()), .size = key.size()};  // it is copied
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {.ptr = message_->data(), .size = message_->size()};
  const std::unique_ptr<rd_kafka_error_t, FreeError> error(
      rd_kafka_produceva(handle_, parts.data(), parts.size()));
  if (!error) return 0;
  message_.reset();
  return rd_kafka_error_code(error.get());
}

std::optional<Event> KafkaProducer::poll() {
  while (true) {
    const std::unique_ptr<rd_kafka_event_t, FreeEvent> event(rd_kafka_queue_poll(queue_, 0));
    if (!event) return std::nullopt;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        message_.reset();
        return report_of(handle_, event.get());
      case RD_KAFKA_EVENT_ERROR:
        return error_of(handle_, event.get());
      default:
        break;
    }
  }
}

}  // namespace plumbline
