// SPDX-License-Identifier: Apache-2.0
//
// What is owned by librdkafka's C interface, and topics that the agent makes for itself.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "agent/core/result.h"
#include "collectors/kafka/rdkafka/handle.h"

namespace plumbline::kafka {

struct FreeRd {
  void operator()(rd_kafka_topic_partition_list_t* list) const;
  void operator()(rd_kafka_error_t* error) const;
};
using RdList = std::unique_ptr<rd_kafka_topic_partition_list_t, FreeRd>;
using RdError = std::unique_ptr<rd_kafka_error_t, FreeRd>;

// "GROUP_AUTHORIZATION_FAILED: Broker: Group authorization failed".
std::string described(rd_kafka_resp_err_t error);

struct WantedTopic {
  std::string name;
  int partitions = 1;
  RdSettings settings;  // of the topic
};

// With as many replicas as the cluster gives by default. The answer comes as an event of the queue,
// which created() reads.
Result<> ask_to_create(const RdHandle& handle, const WantedTopic& topic);

enum class Created : std::uint8_t { kMade, kWasThere, kDenied, kFailed };
Created created(rd_kafka_op_s* event);

}  // namespace plumbline::kafka
