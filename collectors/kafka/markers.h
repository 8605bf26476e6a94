// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/http/deadline.h"
#include "collectors/kafka/cluster_client.h"
#include "collectors/kafka/snapshot.h"
#include "collectors/kafka/wire/fetch.h"

namespace plumbline::kafka {

// Finds the lag that nobody can read: after the records of a transaction the log has a marker,
// which takes an offset but is given to no consumer. A group that has read everything seems to be
// behind by as many as there are at the end.
//
// No request that needs DESCRIBE alone tells a marker from a record: ListOffsets finds both by
// their time, and DescribeProducers, which asks for READ too, tells no offset of a marker. So the
// heads of the batches behind the commit are fetched, once for each place where a log and a group
// both rest.
class Markers {
 public:
  // More markers than that in a row are not looked for: one for each producer that wrote at once.
  static constexpr std::int64_t kMost = 16;
  static constexpr std::size_t kPartitionsPerLook = 100;

  // Sets Commit::markers where all that is unread are markers.
  boost::asio::awaitable<void> find(const ClusterClient& client,
                                    Snapshot& snapshot,
                                    Clock::Steady now,
                                    Deadline deadline);

  // Topics that may not be read, while there is something to find there.
  const std::set<std::string>& denied() const { return denied_; }

 private:
  using Place = std::pair<std::string, std::int32_t>;  // topic and partition
  struct End {
    std::int64_t stable = kUnknown;
    std::int64_t begin = 0;        // from here to the stable end there are only markers
    bool closed = false;           // what is before them is known
    bool rests = false;            // it is where it was at the last look
    std::int64_t next = kUnknown;  // the last commit before them: from there is asked
    std::int32_t leader = -1;
    std::uint64_t look = 0;
  };

  void see(const Snapshot& snapshot);
  boost::asio::awaitable<void> ask(std::shared_ptr<Connection> leader,
                                   std::vector<Place> places,
                                   Snapshot& snapshot,
                                   Deadline deadline);
  void learn(const Place& place, const FetchResponse::Partition& answer, Snapshot& snapshot);

  std::map<Place, End> ends_;
  std::set<std::string> denied_;
  Clock::Steady forgive_at_{};  // when rights may have been given
  std::uint64_t look_ = 0;
};

}  // namespace plumbline::kafka
