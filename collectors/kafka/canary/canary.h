// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/http/deadline.h"
#include "agent/http/watched.h"
#include "collectors/kafka/canary/flights.h"
#include "collectors/kafka/rdkafka/handle.h"

namespace plumbline::kafka {

// Writes a message to each partition of a topic of its own, reads it back and commits, once a look:
// what it takes is what it takes everybody. Opt-in: the one part of this collector that writes.
//
// librdkafka does all three. Nothing goes on between looks but what its threads do.
class Canary {
 public:
  // Of the topic; more are left alone.
  static constexpr std::size_t kMaxPartitions = 100;

  Canary(KafkaClusterConfig config, UnixNanos start, Log& log);
  ~Canary();
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;
  Canary(Canary&&) = delete;
  Canary& operator=(Canary&&) = delete;

  // Where it flies.
  struct Ground {
    std::size_t partitions = 0;  // of the topic; 0: there is none
    std::size_t brokers = 0;     // so many partitions are made then
  };

  // One message to each partition, and what becomes of it until `deadline`.
  boost::asio::awaitable<void> fly(const std::string& secret, Ground ground, Deadline deadline);
  // Another agent does it now.
  void rest();

  void report(Batch& out);
  // What keeps it from flying, as a sentence; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  struct Commit {
    std::uint64_t number = 0;
    std::int32_t partition = 0;
    Flights::Time asked{};
  };

  Result<> prepare(const std::string& secret);
  Result<> read_all(std::size_t partitions);
  void send(std::int32_t partition);
  void create_topic(std::size_t brokers);
  void take_events();
  void take_written(rd_kafka_op_s* event);
  void take_seen(rd_kafka_op_s* event);
  void take_commit(rd_kafka_op_s* event);
  void take_creation(rd_kafka_op_s* event);
  void take_error(int code, const std::string& text);
  void commit(std::int32_t partition, std::int64_t offset);
  bool all_done() const;
  void set_problem(std::string problem);

  KafkaClusterConfig config_;
  Log& log_;
  SeriesTable series_;
  std::uint64_t run_ = 0;  // other agents and earlier runs write there too
  std::uint64_t number_ = 0;
  std::uint64_t round_began_ = 0;  // the first number of this look
  std::string secret_;
  std::vector<FileStamp> stamps_;  // of the files that librdkafka has read
  std::unique_ptr<RdHandle> producer_;
  std::unique_ptr<RdHandle> consumer_;
  std::vector<Flights> partitions_;
  std::size_t reads_ = 0;  // so many partitions; 0: nothing is under way
  std::vector<Commit> commits_;
  std::uint64_t commit_number_ = 0;
  std::size_t round_open_ = 0;  // of this look: sent and not yet seen
  std::optional<Deadline> create_again_;
  std::string problem_;
};

}  // namespace plumbline::kafka
