// SPDX-License-Identifier: Apache-2.0
//
// The health of a cluster: settings of topics, disks of brokers, partitions on the move, and
// producers that hold a transaction open.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

struct DescribeConfigsResponse {
  struct Setting {
    std::string_view name;
    std::optional<std::string_view> value;  // nullopt: secret
  };
  struct Resource {
    std::int16_t error = 0;
    std::string_view name;
    std::vector<Setting> settings;
  };
  std::vector<Resource> resources;
};

// The named settings of topics, or of topics all settings when none is named.
struct DescribeConfigsRequest {
  using Response = DescribeConfigsResponse;
  static constexpr auto kKey = ApiKey::kDescribeConfigs;
  std::span<const std::string> topics;
  std::span<const std::string> settings;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct DescribeLogDirsResponse {
  struct Directory {
    std::int16_t error = 0;
    std::string_view path;
    std::int64_t log_bytes = 0;     // of all partitions in it
    std::int64_t total_bytes = -1;  // of its file system, version 4; -1: not known
    std::int64_t free_bytes = -1;
  };
  std::int16_t error = 0;
  std::vector<Directory> directories;
};

// All log directories of one broker.
struct DescribeLogDirsRequest {
  using Response = DescribeLogDirsResponse;
  static constexpr auto kKey = ApiKey::kDescribeLogDirs;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct ListReassignmentsResponse {
  std::int16_t error = 0;
  std::int32_t partitions = 0;  // how many are on the move
};

// All of the cluster; any broker knows.
struct ListPartitionReassignmentsRequest {
  using Response = ListReassignmentsResponse;
  static constexpr auto kKey = ApiKey::kListPartitionReassignments;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct TopicPartitions {
  std::string_view topic;
  std::vector<std::int32_t> partitions;
};

struct DescribeProducersResponse {
  struct Producer {
    std::int64_t id = -1;
    std::int64_t last_time = -1;          // of its last record, Unix ms
    std::int64_t transaction_start = -1;  // the offset where its open transaction begins; -1: none
  };
  struct Partition {
    std::int32_t index = 0;
    std::int16_t error = 0;
    std::vector<Producer> producers;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  std::vector<Topic> topics;
};

// Who writes to these partitions; of their leader.
struct DescribeProducersRequest {
  using Response = DescribeProducersResponse;
  static constexpr auto kKey = ApiKey::kDescribeProducers;
  std::span<const TopicPartitions> topics;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
