// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "agent/http/tls.h"
#include "agent/http/url.h"
#include "collectors/kafka/name_filter.h"
#include "collectors/kafka/snapshot.h"
#include "collectors/kafka/wire/connection.h"
#include "collectors/kafka/wire/offsets.h"

namespace plumbline::kafka {

struct Look;

// How to reach a cluster, and what to look at there.
struct ClusterAccess {
  std::vector<Url> bootstrap;  // asked in this order until one answers
  TlsContext tls;              // null: without TLS
  std::string server_name;     // expected in certificates; empty: the name of the broker
  std::string canary_topic;    // whose partitions are counted
  Credentials credentials;
};

// One record found by its time.
struct FoundRecord {
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  std::int64_t asked = 0;   // Unix ms
  std::int64_t offset = 0;  // of the first record at or after that time; kUnknown: there is none
  std::int64_t time = 0;    // of that record, Unix ms
};

struct TimeQuestion {
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  std::int64_t time = 0;  // Unix ms
};

// Talks to the brokers of one cluster. The number of requests depends on the number of brokers, not
// on that of groups, topics or partitions: groups travel together to their coordinator, partitions
// to their leader. Connections stay open between looks; one that failed is opened again at the
// next.
class ClusterClient {
 public:
  ClusterClient(ClusterAccess access, NameFilter topics, NameFilter groups, const Clock& clock)
      : access_(std::move(access)),
        topics_filter_(std::move(topics)),
        groups_filter_(std::move(groups)),
        clock_(clock) {}

  ~ClusterClient() { close(); }
  ClusterClient(const ClusterClient&) = delete;
  ClusterClient& operator=(const ClusterClient&) = delete;
  ClusterClient(ClusterClient&&) = delete;
  ClusterClient& operator=(ClusterClient&&) = delete;

  // Everything, in one pass: groups and what they committed first, ends of logs after that, so that
  // no group can seem to be ahead of its log. Fails only when no broker can be asked at all; what
  // single brokers, topics or groups refuse is in Snapshot::refusals.
  boost::asio::awaitable<Result<Snapshot>> look(Deadline deadline);

  // The first records at or after given times: one request a leader, each partition once. Of
  // partitions that fail there is no answer.
  boost::asio::awaitable<std::vector<FoundRecord>> find_by_time(const Snapshot& snapshot,
                                                                std::vector<TimeQuestion> questions,
                                                                Deadline deadline);

  // Takes new secrets and certificates; connections that are open stay.
  void set_access(ClusterAccess access) { access_ = std::move(access); }
  // What the next look is for.
  void set_share(Share share) { share_ = std::move(share); }
  void close();
  const Traffic& traffic() const { return *traffic_; }

  // Any connection that is open, for questions every broker can answer; null: none is.
  std::shared_ptr<Connection> any_connection() const;
  std::shared_ptr<Connection> connection(std::int32_t broker) const;

 private:
  boost::asio::awaitable<Result<std::shared_ptr<Connection>>> seed(Deadline deadline);
  boost::asio::awaitable<Result<void>> read_metadata(Look& look);
  boost::asio::awaitable<void> connect(Look& look, BrokerState broker, Url url);
  boost::asio::awaitable<void> read_ends(Look& look, std::int32_t broker);

  ClusterAccess access_;
  NameFilter topics_filter_;
  NameFilter groups_filter_;
  Share share_;
  const Clock& clock_;
  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  std::shared_ptr<Connection> seed_;
  std::map<std::int32_t, std::shared_ptr<Connection>> connections_;  // by broker
};

}  // namespace plumbline::kafka
