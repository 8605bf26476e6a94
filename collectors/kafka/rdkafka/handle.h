// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/fd.h"
#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "collectors/kafka/rdkafka/settings.h"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_op_s;

namespace plumbline::kafka {

struct FreeRdEvent {
  void operator()(rd_kafka_op_s* event) const;
};
using RdEvent = std::unique_ptr<rd_kafka_op_s, FreeRdEvent>;

// One client of librdkafka. Its own threads connect, send, and try again; what they have to tell
// waits in one queue. One thread at a time may use it, and nothing here blocks but the destructor.
class RdHandle {
 public:
  enum class Kind : std::uint8_t { kConsumer, kProducer };

  // `events`: which of RD_KAFKA_EVENT_… are wanted. Asks no broker. Fails when librdkafka does not
  // take a setting, or a file that one names.
  static Result<std::unique_ptr<RdHandle>> make(Kind kind, const RdSettings& settings, int events);

  // A consumer leaves its group. Frees it, on a thread of its own: brokers may have to be waited
  // for. Returns when that is done, after `patience` at the latest.
  static void retire(std::unique_ptr<RdHandle> handle, std::chrono::milliseconds patience);

  RdHandle(const RdHandle&) = delete;
  RdHandle& operator=(const RdHandle&) = delete;
  RdHandle(RdHandle&&) = delete;
  RdHandle& operator=(RdHandle&&) = delete;
  ~RdHandle();

  rd_kafka_s* get() const { return handle_; }
  rd_kafka_queue_s* queue() const { return queue_; }

  // The token of OAUTHBEARER, for the next time that a broker wants one.
  Result<> set_token(const std::string& token);

  // The next event, or none.
  RdEvent poll();
  // Until there may be events, or `deadline`. poll() before: what is already there wakes nobody.
  boost::asio::awaitable<void> wait(Deadline deadline);

 private:
  explicit RdHandle(Kind kind) : kind_(kind) {}

  Kind kind_;
  Fd wake_;
  rd_kafka_s* handle_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
};

}  // namespace plumbline::kafka
