// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/core/fd.h"
#include "agent/core/result.h"
#include "exporters/kafka/settings.h"

struct rd_kafka_s;
struct rd_kafka_queue_s;

namespace plumbline {

// One producer of librdkafka with at most one message under way. Its threads connect, send and try
// again; here nothing blocks but the destructor. One thread at a time may use it.
class KafkaProducer {
 public:
  // What librdkafka has to tell. Codes: rd_kafka_resp_err_t.
  struct Event {
    enum class Kind : std::uint8_t {
      kReport,  // of the message under way; code 0: it is in the topic
      kError,   // of a broker or of all of them; librdkafka goes on
      kFatal,   // this producer can write no more; make another
    };
    Kind kind{};
    int code = 0;
    std::string text;
  };

  // Of librdkafka, as in RD_KAFKA_VERSION.
  static int library_version();

  // Whether librdkafka takes the settings and the files they name. Asks no broker.
  static Result<> check(KafkaSettings settings);

  // Starts its threads. Errors: as check().
  static Result<std::unique_ptr<KafkaProducer>> make(const KafkaSettings& settings);

  // Frees `producer` on a thread of its own: it may have to wait for a look-up of names. Returns
  // when that is done, after `patience` at the latest.
  static void retire(std::unique_ptr<KafkaProducer> producer, std::chrono::milliseconds patience);

  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;
  KafkaProducer(KafkaProducer&&) = delete;
  KafkaProducer& operator=(KafkaProducer&&) = delete;
  ~KafkaProducer();

  // Hands a message over; there must be none under way. Returns 0 or an error code; then it is not.
  int produce(const std::string& topic, const std::string& key, std::string value);

  // The message under way.
  const std::optional<std::string>& message() const { return message_; }

  // The next event; a report ends the message under way.
  std::optional<Event> poll();

  // Readable when there may be events; poll() until there is none.
  int wake_fd() const { return wake_.get(); }

  // Bytes of produce requests that went out since the last call, compressed and framed.
  std::uint64_t take_sent_bytes() { return sent_bytes_.exchange(0, std::memory_order_relaxed); }

 private:
  KafkaProducer() = default;
  Fd wake_;
  std::optional<std::string> message_;  // librdkafka reads it where it lies
  std::atomic<std::uint64_t> sent_bytes_{0};
  rd_kafka_s* handle_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
};

}  // namespace plumbline
