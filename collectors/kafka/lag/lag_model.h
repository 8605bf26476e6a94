// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "collectors/kafka/lag/consumer_track.h"
#include "collectors/kafka/lag/timeline.h"
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

// How long ago the first record that a group has not read was written.
struct LagTime {
  Millis value = 0;
  Millis lower = 0;
  Millis upper = 0;
  bool from_broker = false;  // a broker looked the record up, see TimeBracket
};

// All that was found out of the time of one record. Among very many partitions a timeline forgets
// from one question to the next what lies close together; this only gets narrower.
struct DatedRecord {
  std::int64_t offset : 63 = -1;  // -1: none
  bool from_broker : 1 = false;
  Millis not_before = kNever;
  Millis not_after = kNever;

  static constexpr Millis kNever = -1;  // that side is open
};

// One group on one partition, now.
struct LagRow {
  std::uint32_t group = 0;  // places in the snapshot
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  std::int64_t committed = -1;
  std::optional<std::int64_t> lag;  // to the end; negative behind a truncated log
  // To the last stable offset: what could be read now. Markers of transactions are not.
  std::optional<std::int64_t> stable_lag;
  std::int64_t markers = 0;  // all that is unread, when it is markers alone
  std::optional<LagTime> time;
  std::optional<double> catch_up_seconds;
  Verdict verdict = Verdict::kOk;
  const ConsumerTrack* track = nullptr;
  DatedRecord* first_unread = nullptr;  // of the last look at which it was known
};

// Something worth a line in the log.
struct LagEvent {
  std::uint32_t group = 0;
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  Happened happened;
};

// Follows the groups of one cluster from look to look. Pure: time and what was seen come in, rows
// go out. What a group is behind in time is known from the ends that were watched; where those are
// too far apart, questions() says what a broker should be asked, without reading any record.
class LagModel {
 public:
  // Precise enough: a bracket of this width or, for old records, this share of their age.
  static constexpr Millis kTolerance = 1'000;
  static constexpr Millis kToleranceShare = 100;
  // Points on all timelines together, 16 bytes each. Fewer only mean that a broker is asked more
  // often for what lies between them.
  static constexpr std::size_t kPoints = 100'000;
  static constexpr std::size_t kMaxPointsPerPartition = 192;

  void see(const Snapshot& snapshot, Millis now);

  // The next questions, one for each partition where a row is not precise enough, kMaxQuestions at
  // most: the rest is asked at the next look. `round` counts up from call to call.
  static constexpr std::size_t kMaxQuestions = 4'000;
  struct Question {
    std::uint32_t topic = 0;
    std::int32_t partition = 0;
    Millis time = 0;
  };
  std::vector<Question> questions(unsigned round);
  // The answer to one of them; offset < 0: no record is that young.
  void learn(
      std::uint32_t topic, std::int32_t partition, Millis asked, std::int64_t offset, Millis time);
  // Times of all rows from what is known now.
  void date_rows();

  std::span<const LagRow> rows() const { return rows_; }
  std::span<const LagEvent> events() const { return events_; }
  std::uint64_t recreated_topics() const { return recreated_; }
  std::uint64_t rebalances(const std::string& group) const;
  // Of a group on all partitions of a topic, whatever became of them, since the first look.
  struct Totals {
    std::uint64_t lost = 0;  // records
    std::uint64_t rewinds = 0;
  };
  Totals totals(const std::string& group, const std::string& topic) const;

 private:
  struct PartitionTrack {
    Timeline timeline{0};
    std::int64_t end = kUnknown;
    Millis seen = 0;
    double rate = 0;
    bool has_rate = false;
    bool wanted = false;      // some group has read from it
    std::uint32_t asker = 0;  // the row for which a broker was asked last
  };
  struct TopicTrack {
    std::uint32_t serial = 0;  // another one for a topic that was made again
    Uuid id{};
    std::vector<PartitionTrack> partitions;
    std::uint32_t last_look = 0;
  };
  struct Consumer {
    ConsumerTrack track;
    DatedRecord first_unread;
  };
  struct GroupTrack {
    std::unordered_map<std::uint64_t, Consumer> partitions;  // by topic serial and partition
    std::unordered_map<std::string, Totals> totals;          // by topic
    std::uint64_t rebalances = 0;
    std::uint64_t assignment_hash = 0;
    std::int32_t epoch = -1;
    bool described = false;
    std::uint32_t last_look = 0;
  };

  // Groups and topics that were not seen for so many looks are forgotten.
  static constexpr std::uint32_t kForgetLooks = 120;

  void see_topics(const Snapshot& snapshot, Millis now);
  void see_group(const Snapshot& snapshot, std::uint32_t place, Millis now);
  void see_commit(const Snapshot& snapshot,
                  std::uint32_t place,
                  const Commit& commit,
                  GroupTrack& group,
                  Millis now);
  void count_rebalance(const GroupState& state, GroupTrack& group);
  std::optional<LagTime> time_of(const LagRow& row) const;
  TimeBracket bracket_of(const LagRow& row) const;
  PartitionTrack* track(std::uint32_t topic, std::int32_t partition) const;
  std::int64_t first_unread(const LagRow& row) const;
  void forget();

  const Snapshot* snapshot_ = nullptr;
  Millis now_ = 0;
  std::uint32_t look_ = 0;
  std::uint32_t next_serial_ = 1;
  std::uint64_t recreated_ = 0;
  std::unordered_map<std::string, TopicTrack> topics_;
  std::vector<TopicTrack*> topics_by_place_;
  std::unordered_map<std::string, GroupTrack> groups_;
  std::vector<LagRow> rows_;
  std::vector<LagEvent> events_;
};

}  // namespace plumbline::kafka
