// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/api.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace plumbline::kafka {
namespace {

constexpr std::int16_t kNever = std::numeric_limits<std::int16_t>::max();

// Fetch from 12 on is flexible and from 13 on names topics by id; ListOffsets from 9 on and
// OffsetFetch from 10 on only add what is of no use here: tiered storage, topics by id.
constexpr std::array kApis{
    Api{ApiKey::kFetch, "Fetch", 4, 11, 12},
    Api{ApiKey::kListOffsets, "ListOffsets", 1, 8, 6},
    Api{ApiKey::kMetadata, "Metadata", 1, 12, 9},
    Api{ApiKey::kOffsetFetch, "OffsetFetch", 2, 9, 6},
    Api{ApiKey::kDescribeGroups, "DescribeGroups", 0, 5, 5},
    Api{ApiKey::kListGroups, "ListGroups", 0, 5, 3},
    Api{ApiKey::kSaslHandshake, "SaslHandshake", 1, 1, kNever},
    Api{ApiKey::kApiVersions, "ApiVersions", 0, 3, 3},
    Api{ApiKey::kDescribeConfigs, "DescribeConfigs", 1, 4, 4},
    Api{ApiKey::kDescribeLogDirs, "DescribeLogDirs", 1, 4, 2},
    Api{ApiKey::kSaslAuthenticate, "SaslAuthenticate", 0, 2, 2},
    Api{ApiKey::kListPartitionReassignments, "ListPartitionReassignments", 0, 0, 0},
    Api{ApiKey::kDescribeProducers, "DescribeProducers", 0, 0, 0},
    Api{ApiKey::kDescribeTransactions, "DescribeTransactions", 0, 0, 0},
    Api{ApiKey::kListTransactions, "ListTransactions", 0, 0, 0},
    Api{ApiKey::kConsumerGroupDescribe, "ConsumerGroupDescribe", 0, 1, 0},
    Api{ApiKey::kShareGroupDescribe, "ShareGroupDescribe", 1, 1, 0},
    Api{ApiKey::kStreamsGroupDescribe, "StreamsGroupDescribe", 0, 0, 0},
    Api{ApiKey::kDescribeShareGroupOffsets, "DescribeShareGroupOffsets", 0, 1, 0},
};

struct ErrorName {
  std::int16_t code;
  std::string_view name;
};

// Of the protocol guide; those that a reader can be answered.
constexpr std::array kErrorNames{
    ErrorName{-1, "UNKNOWN_SERVER_ERROR"},
    ErrorName{0, "NONE"},
    ErrorName{1, "OFFSET_OUT_OF_RANGE"},
    ErrorName{3, "UNKNOWN_TOPIC_OR_PARTITION"},
    ErrorName{5, "LEADER_NOT_AVAILABLE"},
    ErrorName{6, "NOT_LEADER_OR_FOLLOWER"},
    ErrorName{7, "REQUEST_TIMED_OUT"},
    ErrorName{8, "BROKER_NOT_AVAILABLE"},
    ErrorName{9, "REPLICA_NOT_AVAILABLE"},
    ErrorName{13, "NETWORK_EXCEPTION"},
    ErrorName{14, "COORDINATOR_LOAD_IN_PROGRESS"},
    ErrorName{15, "COORDINATOR_NOT_AVAILABLE"},
    ErrorName{16, "NOT_COORDINATOR"},
    ErrorName{17, "INVALID_TOPIC_EXCEPTION"},
    ErrorName{24, "INVALID_GROUP_ID"},
    ErrorName{27, "REBALANCE_IN_PROGRESS"},
    ErrorName{29, "TOPIC_AUTHORIZATION_FAILED"},
    ErrorName{30, "GROUP_AUTHORIZATION_FAILED"},
    ErrorName{31, "CLUSTER_AUTHORIZATION_FAILED"},
    ErrorName{33, "UNSUPPORTED_SASL_MECHANISM"},
    ErrorName{34, "ILLEGAL_SASL_STATE"},
    ErrorName{35, "UNSUPPORTED_VERSION"},
    ErrorName{41, "NOT_CONTROLLER"},
    ErrorName{42, "INVALID_REQUEST"},
    ErrorName{43, "UNSUPPORTED_FOR_MESSAGE_FORMAT"},
    ErrorName{53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"},
    ErrorName{54, "SECURITY_DISABLED"},
    ErrorName{56, "KAFKA_STORAGE_ERROR"},
    ErrorName{57, "LOG_DIR_NOT_FOUND"},
    ErrorName{58, "SASL_AUTHENTICATION_FAILED"},
    ErrorName{69, "GROUP_ID_NOT_FOUND"},
    ErrorName{74, "FENCED_LEADER_EPOCH"},
    ErrorName{75, "UNKNOWN_LEADER_EPOCH"},
    ErrorName{78, "OFFSET_NOT_AVAILABLE"},
    ErrorName{88, "UNSTABLE_OFFSET_COMMIT"},
    ErrorName{89, "THROTTLING_QUOTA_EXCEEDED"},
    ErrorName{100, "UNKNOWN_TOPIC_ID"},
    ErrorName{103, "INCONSISTENT_TOPIC_ID"},
    ErrorName{105, "TRANSACTIONAL_ID_NOT_FOUND"},
};

}  // namespace

std::span<const Api> all_apis() {
  return kApis;
}

const Api& api(ApiKey key) {
  return *std::find_if(kApis.begin(), kApis.end(), [&](const Api& a) { return a.key == key; });
}

std::optional<std::int16_t> common_version(ApiKey key, std::span<const VersionRange> offered) {
  const auto& ours = api(key);
  for (const auto& theirs : offered) {
    if (theirs.key != key) continue;
    const auto version = std::min(ours.max_version, theirs.max);
    if (version < ours.min_version || version < theirs.min) return std::nullopt;
    return version;
  }
  return std::nullopt;
}

std::string_view error_name(std::int16_t code) {
  const auto* found = std::find_if(
      kErrorNames.begin(), kErrorNames.end(), [&](const auto& e) { return e.code == code; });
  return found == kErrorNames.end() ? "an error code this client does not know" : found->name;
}

}  // namespace plumbline::kafka
