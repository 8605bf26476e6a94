// SPDX-License-Identifier: Apache-2.0
//
// Dead-letter topics, known by their names: how much lies there, since when, and how fast it grows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collectors/kafka/dead_letter_name.h"
#include "collectors/kafka/lag/timeline.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// Pure: snapshots and the answers to its questions come in.
class DeadLetters {
 public:
  struct Topic {
    std::uint32_t place = 0;       // in the snapshot
    std::int64_t depth = 0;        // offsets from first to end; compaction may have left gaps
    std::optional<double> growth;  // offsets a second, over about a minute
    std::optional<Millis> oldest;  // when the oldest was written, Unix; of an empty one none
    std::optional<double> share_of_source;  // growth beside that of the topic they come from
  };

  void see(const Snapshot& snapshot, Millis now);

  // Partitions of whose first record the time is not known yet; a broker is asked for the first one
  // after 1970.
  struct Question {
    std::uint32_t topic = 0;
    std::int32_t partition = 0;
  };
  std::vector<Question> questions() const;
  void learn(std::uint32_t topic, std::int32_t partition, std::int64_t offset, Millis time);

  // Those whose partitions were all told; `oldest` only where every partition is known.
  std::vector<Topic> topics() const;

 private:
  struct Pace {
    std::int64_t end = kUnknown;  // of all partitions together
    Millis seen = 0;
    double rate = 0;
    bool has_rate = false;
    std::uint64_t look = 0;
  };
  struct Oldest {
    std::int64_t start = kUnknown;  // the time is of the first record at or after this offset
    Millis time = 0;
  };
  struct Known {
    std::uint32_t place = 0;
    std::string source;
    Uuid id{};
    std::vector<Oldest> oldest;  // by partition
    std::uint64_t look = 0;
  };

  void follow(const TopicState& topic, Millis now);
  std::optional<double> rate(const std::string& topic) const;

  const Snapshot* snapshot_ = nullptr;
  std::map<std::string, Known> known_;
  std::map<std::string, Pace> paces_;  // of dead-letter topics and of those they come from
  std::uint64_t look_ = 0;
};

}  // namespace plumbline::kafka
