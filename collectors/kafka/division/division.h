// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/http/deadline.h"
#include "agent/http/watched.h"
#include "collectors/kafka/division/membership.h"
#include "collectors/kafka/division/share.h"

namespace plumbline::kafka {

// This agent's part in the work at one cluster, from look to look.
class Division {
 public:
  // `pace`: how often it is asked at the least.
  Division(KafkaClusterConfig config, std::chrono::milliseconds pace, UnixNanos start, Log& log)
      : config_(std::move(config)), pace_(pace), log_(log), series_(start) {}

  // Before a look: what it is for. `secret`: to log in with; a new one takes a new membership.
  boost::asio::awaitable<Share> renew(const std::string& secret, Deadline deadline);

  // After a look for `share`: whether all of that is still this agent's alone to tell. One that may
  // not be told is counted.
  bool may_report(const Share& share);
  // `share` of the last look, with its partitions counted.
  void report(const Share& share, Batch& out);

  // What keeps the agent from its part, as a sentence; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  std::vector<FileStamp> stamps() const;

  KafkaClusterConfig config_;
  std::chrono::milliseconds pace_;
  Log& log_;
  SeriesTable series_;
  std::string secret_;
  std::vector<FileStamp> stamps_;
  std::unique_ptr<Membership> membership_;
  std::string problem_;
  std::uint64_t rebalances_ = 0;  // of memberships that are over
  std::uint64_t withheld_ = 0;
};

}  // namespace plumbline::kafka
