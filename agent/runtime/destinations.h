// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/tls.h"
#include "agent/pipeline/delivery.h"
#include "agent/pipeline/record_queue.h"
#include "agent/runtime/self_metrics.h"
#include "exporters/exporter.h"

namespace plumbline {

// Where the configuration says data goes: an exporter and a delivery loop each. Agent thread only.
class Destinations {
 public:
  Destinations(boost::asio::any_io_executor executor,
               const Clock& clock,
               Log& log,
               RecordQueue& queue,
               std::string version);
  Destinations(const Destinations&) = delete;
  Destinations& operator=(const Destinations&) = delete;
  Destinations(Destinations&&) = delete;
  Destinations& operator=(Destinations&&) = delete;
  ~Destinations();

  // Starts what is new in `config`; what it no longer names is stopped by stop_removed().
  // Errors: a destination that cannot be made (an endpoint that is no URL, a CA file that cannot be
  // read); then nothing has changed.
  Result<> apply(const Config& config);

  // Gives what apply() found removed at most `timeout` to take what is queued for it.
  boost::asio::awaitable<void> stop_removed(std::chrono::milliseconds timeout);
  // The same for all of them; what was not taken is said.
  boost::asio::awaitable<void> stop_all(std::chrono::milliseconds timeout);
  // False when a request was still unanswered when stopping ended.
  bool finished() const;

  bool empty() const { return running_.empty(); }
  std::vector<SelfView::Destination> describe() const;

 private:
  using Key =
      std::variant<OtlpConfig, KafkaConfig, StdoutFormat>;  // equal keys are the same destination
  struct Destination {
    Key key;
    std::unique_ptr<Delivery> delivery;
  };

  Result<Destination> make(const Key& key);
  boost::asio::awaitable<void> stop(const std::vector<Destination>& stopping,
                                    std::chrono::milliseconds timeout,
                                    Delivery::Leaving leaving);

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  RecordQueue& queue_;
  std::string version_;
  TrustSets trust_;
  std::vector<Destination> running_;
  std::vector<Destination> removed_;
};

}  // namespace plumbline
