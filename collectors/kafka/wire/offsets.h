// SPDX-License-Identifier: Apache-2.0
//
// Offsets: what groups have committed, and where the logs of partitions begin and end.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

struct OffsetFetchResponse {
  struct Partition {
    std::int32_t index = 0;
    std::int64_t committed = -1;  // -1: nothing
    std::int32_t leader_epoch = -1;
    std::int16_t error = 0;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  struct Group {
    std::string_view id;  // empty before version 8
    std::int16_t error = 0;
    std::vector<Topic> topics;
  };
  std::vector<Group> groups;
};

// What groups have committed, for all their topics. From version 8 on any number of groups travels
// in one request to their coordinator; before, exactly one.
struct OffsetFetchRequest {
  using Response = OffsetFetchResponse;
  static constexpr auto kKey = ApiKey::kOffsetFetch;
  static constexpr std::int16_t kFirstBatched = 8;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// Which offset ListOffsets looks for: the first record at or after a time in Unix milliseconds, or
// one of these.
inline constexpr std::int64_t kLatest = -1;
inline constexpr std::int64_t kEarliest = -2;

enum class Isolation : std::int8_t {
  kReadUncommitted = 0,  // kLatest is the high watermark
  kReadCommitted = 1,  // kLatest is the last stable offset: the first open transaction begins there
};

struct PartitionTime {
  std::int32_t index = 0;
  std::int64_t time = kLatest;
};

struct TopicTimes {
  std::string_view topic;
  std::vector<PartitionTime> partitions;
};

struct ListOffsetsResponse {
  struct Partition {
    std::int32_t index = 0;
    std::int16_t error = 0;
    std::int64_t time = -1;    // of the record found, Unix ms; -1 for kLatest and kEarliest
    std::int64_t offset = -1;  // -1: there is no such record
    std::int32_t leader_epoch = -1;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  std::vector<Topic> topics;
};

// For any number of partitions that one broker leads, each once.
struct ListOffsetsRequest {
  using Response = ListOffsetsResponse;
  static constexpr auto kKey = ApiKey::kListOffsets;
  Isolation isolation = Isolation::kReadUncommitted;
  std::span<const TopicTimes> topics;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct ShareGroupOffsetsResponse {
  struct Partition {
    std::int32_t index = 0;
    std::int64_t start = -1;  // the first offset that is not done with; -1: not known
    std::int64_t lag = -1;    // version 1; -1: not known
    std::int16_t error = 0;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  struct Group {
    std::string_view id;
    std::int16_t error = 0;
    std::vector<Topic> topics;
  };
  std::vector<Group> groups;
};

// How far share groups (KIP-932) have come, for all their topics.
struct DescribeShareGroupOffsetsRequest {
  using Response = ShareGroupOffsetsResponse;
  static constexpr auto kKey = ApiKey::kDescribeShareGroupOffsets;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
