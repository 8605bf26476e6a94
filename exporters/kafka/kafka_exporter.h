// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/http/watched.h"
#include "exporters/exporter.h"
#include "exporters/kafka/producer.h"

namespace plumbline {

// Sends one request after the other as one message each, by a producer that goes on trying by
// itself. A message whose fate is not known when send() ends stays with the producer, and the next
// send() of the same bytes waits for it further instead of writing it twice.
class KafkaExporter final : public Exporter {
 public:
  KafkaExporter(KafkaConfig config, std::string key, Log& log);
  KafkaExporter(const KafkaExporter&) = delete;
  KafkaExporter& operator=(const KafkaExporter&) = delete;
  KafkaExporter(KafkaExporter&&) = delete;
  KafkaExporter& operator=(KafkaExporter&&) = delete;
  ~KafkaExporter() override;

  // Whether librdkafka takes the settings and files. Asks no broker.
  Result<> check() const;

  std::string_view name() const override { return name_; }
  boost::asio::awaitable<SendOutcome> send(Payload payload,
                                           std::chrono::milliseconds timeout) override;

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  // Whether what brokers said came while a message was under way.
  enum class News : std::uint8_t { kOld, kFresh };

  Result<std::string> encode(const Payload& payload) const;
  Result<KafkaSettings> settings() const;
  // Makes sure of a producer; tells whether it has old news.
  Result<News> prepare(const boost::asio::any_io_executor& executor, const std::string& message);
  boost::asio::awaitable<SendOutcome> deliver(const std::string& topic,
                                              std::string message,
                                              News news,
                                              Deadline deadline);
  std::optional<SendOutcome> take_events(const std::string& topic, News news);
  SendOutcome note_fatal(const KafkaProducer::Event& event, const std::string& topic);
  std::optional<SendOutcome> note_error(const KafkaProducer::Event& event, News news);
  SendOutcome finish(SendOutcome outcome);
  SendOutcome unanswered() const;
  void discard();

  KafkaConfig config_;
  std::string key_;  // of every message: one node's data goes to one partition
  Log& log_;
  std::string name_;
  std::unique_ptr<KafkaProducer> producer_;
  std::optional<boost::asio::posix::stream_descriptor> wake_;  // of it
  std::vector<FileStamp> stamps_;                              // of the files it was made with
  std::string trouble_;       // what brokers said last, until one takes a message
  std::string fatal_;         // why the producer had to be made anew, until one takes a message
  std::uint64_t fatals_ = 0;  // how often that was
};

}  // namespace plumbline
