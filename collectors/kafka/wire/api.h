// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "collectors/kafka/wire/reader.h"

namespace plumbline::kafka {

// The requests this client can send, by their numbers in the protocol. All of them only read.
enum class ApiKey : std::int16_t {
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetFetch = 9,
  kDescribeGroups = 15,
  kListGroups = 16,
  kSaslHandshake = 17,
  kApiVersions = 18,
  kDescribeConfigs = 32,
  kDescribeLogDirs = 35,
  kSaslAuthenticate = 36,
  kListPartitionReassignments = 46,
  kDescribeProducers = 61,
  kDescribeTransactions = 65,
  kListTransactions = 66,
  kConsumerGroupDescribe = 69,
  kShareGroupDescribe = 77,
  kStreamsGroupDescribe = 89,
  kDescribeShareGroupOffsets = 90,
};

// What this client knows of one API. Versions are those it speaks, not those there are.
struct Api {
  ApiKey key;
  std::string_view name;
  std::int16_t min_version;
  std::int16_t max_version;
  std::int16_t first_flexible;

  Encoding encoding(std::int16_t version) const {
    return version >= first_flexible ? Encoding::kFlexible : Encoding::kClassic;
  }
};

const Api& api(ApiKey key);
std::span<const Api> all_apis();

struct VersionRange {
  ApiKey key;
  std::int16_t min;
  std::int16_t max;
};

// The highest version both sides speak; nullopt: the broker does not know this API, or only
// versions this client does not.
std::optional<std::int16_t> common_version(ApiKey key, std::span<const VersionRange> offered);

// What a broker's error code means: "TOPIC_AUTHORIZATION_FAILED"; the number in words for others.
std::string_view error_name(std::int16_t code);

// Error codes that the collector acts on.
namespace broker_error {
inline constexpr std::int16_t kNone = 0;
inline constexpr std::int16_t kTopicAuthorizationFailed = 29;
inline constexpr std::int16_t kUnsupportedVersion = 35;
inline constexpr std::int16_t kTransactionalIdNotFound = 105;
}  // namespace broker_error

}  // namespace plumbline::kafka
