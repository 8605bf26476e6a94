// SPDX-License-Identifier: Apache-2.0
//
// One look at a cluster, as plain values: what the brokers said, nothing concluded from it yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "collectors/kafka/division/share.h"
#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"

namespace plumbline::kafka {

// An offset or a time that was not learned: no answer, or an error for that partition alone.
inline constexpr std::int64_t kUnknown = -1;

// As a broker told it, or kUnknown when no log can be that long (a million records a second for 35
// years): differences and sums of offsets never overflow.
constexpr std::int64_t plausible_offset(std::int64_t offset) {
  return offset < 0 || offset > (std::int64_t{1} << 50U) ? kUnknown : offset;
}

struct PartitionState {
  std::int32_t index = 0;
  std::int32_t leader = -1;  // -1: offline
  std::int32_t replicas = 0;
  std::int32_t in_sync = 0;
  bool preferred_leader = true;
  std::int64_t start = kUnknown;   // the first offset still in the log
  std::int64_t stable = kUnknown;  // the first open transaction begins here, else the end
  std::int64_t end = kUnknown;     // high watermark: the next offset consumers will see
};

struct TopicState {
  std::string name;
  Uuid id{};
  bool internal = false;
  std::vector<PartitionState> partitions;  // by index
};

enum class GroupKind : std::uint8_t { kClassic, kConsumer, kShare, kStreams };

std::string_view to_string(GroupKind kind);

struct Commit {
  std::uint32_t topic = 0;  // its place in Snapshot::topics
  std::int32_t partition = 0;
  std::int64_t offset = kUnknown;  // the next one to be read; of share groups the first not done
  // As the broker counts it, which knows what of a share group is done behind the first that is
  // not.
  std::int64_t lag = kUnknown;
  // How many offsets from there to the stable end, when all of them are transactions' markers.
  std::int64_t markers = 0;
};

struct GroupState {
  std::string id;
  GroupKind kind = GroupKind::kClassic;
  std::string state;  // as the broker calls it: "Stable", "Empty", "Reconciling"
  std::int32_t coordinator = -1;
  std::int32_t members = -1;          // -1: could not be described
  std::int32_t idle_members = -1;     // of them, without a partition
  std::int32_t epoch = -1;            // of KIP-848 and share groups
  std::uint64_t assignment_hash = 0;  // of who has what: another one is a rebalance
  std::vector<Commit> commits;
};

struct BrokerState {
  std::int32_t id = -1;
  std::string address;
};

// Something a broker refused or got wrong, counted per API and error.
struct Refusal {
  std::string_view api;
  std::string_view error;
  std::string resource;  // of the first one: "topic orders", "group billing"
  std::uint64_t times = 0;
};

struct Snapshot {
  Share share;  // what of the cluster is this agent's to measure
  std::int32_t controller = -1;
  std::vector<BrokerState> brokers;
  // Those the filter lets through. Of a share: without offsets where it needs none.
  std::vector<TopicState> topics;
  std::vector<GroupState> groups;
  std::size_t canary_partitions = 0;  // 0: there is no such topic, or none to be seen
  std::vector<Refusal> refusals;
  UnixNanos offsets_time = 0;  // when the ends were asked for

  // Counts what was refused; of equal ones the first resource is kept.
  void refuse(std::string_view api, std::string_view error, std::string resource);
  void refuse(ApiKey key, std::int16_t code, std::string resource);
  // A failed request. An API that the broker does not know is no failure: what it would tell is
  // absent.
  void refuse(ApiKey key, const Error& error);
};

}  // namespace plumbline::kafka
