// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "collectors/kafka/division/lease.h"
#include "collectors/kafka/division/share.h"
#include "collectors/kafka/rdkafka/handle.h"

namespace plumbline::kafka {

// One agent among those that divide a cluster's work: a member of a consumer group named like the
// coordination topic that it reads. Kafka's group coordinator knows who is there and librdkafka
// shares the partitions out; nothing is ever written to the topic or read from it.
//
// Before each look the agent commits an offset of what it holds. Only a member of the present
// generation can, and the answer keeps its session alive, so it is the proof that nobody else has
// been given these partitions. Everything runs on the collector's lane.
class Membership {
 public:
  // The shortest that brokers allow by default (group.min.session.timeout.ms).
  static constexpr std::chrono::milliseconds kSession{6'000};
  // Partitions of a topic that the agent makes itself: so many agents can share the work.
  static constexpr int kPartitions = 24;

  // `pace`: how often renew() is called at the least. Asks no broker. Fails when librdkafka does
  // not take the settings.
  static Result<std::unique_ptr<Membership>> make(const KafkaClusterConfig& config,
                                                  const std::string& secret,
                                                  std::chrono::milliseconds pace,
                                                  Log& log);
  // Leaves the group, so that the others need not wait for the session to end.
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  Membership(Membership&&) = delete;
  Membership& operator=(Membership&&) = delete;

  // Takes what has changed, and asks whether this is still a member. Returns when that is known, at
  // the deadline at the latest.
  boost::asio::awaitable<void> renew(Deadline deadline);
  // Takes what has changed, without waiting.
  void take_changes();

  // What it holds. Partitions of the topic are not counted yet.
  Share share() const;
  // Whether what it holds is surely its own at this moment.
  bool holds_now() const;

  // Members of the group, as the one is told who has the cluster as a whole; else nothing.
  std::optional<std::uint64_t> members() const { return members_; }
  void ask_for_members();
  void forget_members() { members_.reset(); }
  // How often what it holds has changed.
  std::uint64_t rebalances() const { return rebalances_; }
  // What keeps it from being a member, as a sentence; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  Membership(std::string cluster, std::string topic, std::string secret, Log& log);

  Result<> subscribe();
  void take(rd_kafka_op_s* event);
  void take_rebalance(rd_kafka_op_s* event);
  void take_answer(rd_kafka_op_s* event);
  void take_error(int code, const std::string& text);
  void take_creation(rd_kafka_op_s* event);
  void take_members(rd_kafka_op_s* event);
  void create_topic();
  bool commit();
  void set_problem(std::string problem);

  std::string cluster_;
  std::string topic_;
  std::string secret_;
  Log& log_;
  std::unique_ptr<RdHandle> handle_;
  std::set<std::int32_t> held_;
  Lease lease_{kSession};
  std::uint64_t asked_ = 0;     // the number of the last commit
  std::uint64_t answered_ = 0;  // the last one that was answered
  Lease::Time asked_at_{};
  std::optional<Lease::Time> created_at_;  // when the topic was last asked for
  std::optional<std::uint64_t> members_;
  bool asks_for_members_ = false;
  std::uint64_t rebalances_ = 0;
  std::string problem_;
};

}  // namespace plumbline::kafka
