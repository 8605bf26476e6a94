// SPDX-License-Identifier: Apache-2.0
//
// The heads of record batches. What is in them is skipped, never kept.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

// One batch of a log, in the format of Kafka 0.11 and later ("magic" 2).
struct BatchHead {
  std::int64_t first = 0;   // offset of its first record
  std::int64_t last = 0;    // and of its last
  bool is_control = false;  // the end of a transaction: nobody is given its record
};

// The heads in the records of one partition, in their order, up to the first that is cut off or of
// another format.
std::vector<BatchHead> batch_heads(std::string_view records);

struct FetchResponse {
  struct Partition {
    std::int32_t index = 0;
    std::int16_t error = 0;
    std::vector<BatchHead> batches;
  };
  struct Topic {
    std::string_view name;
    std::vector<Partition> partitions;
  };
  std::int16_t error = 0;
  std::vector<Topic> topics;
};

struct FetchFrom {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct FetchTopic {
  std::string_view topic;
  std::vector<FetchFrom> partitions;
};

// What lies at these offsets now, without waiting for more: of each partition so many bytes, but
// for the first that has any, of which a whole batch comes however large it is.
struct FetchRequest {
  using Response = FetchResponse;
  static constexpr auto kKey = ApiKey::kFetch;
  std::span<const FetchTopic> topics;
  std::int32_t partition_bytes = 0;
  std::int32_t all_bytes = 0;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
