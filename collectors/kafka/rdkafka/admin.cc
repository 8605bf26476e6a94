// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/rdkafka/admin.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

namespace plumbline::kafka {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};
constexpr int kDefaultReplicas = -1;

struct FreeTopic {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct FreeOptions {
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
};

}  // namespace

void FreeRd::operator()(rd_kafka_topic_partition_list_t* list) const {
  rd_kafka_topic_partition_list_destroy(list);
}

void FreeRd::operator()(rd_kafka_error_t* error) const {
  rd_kafka_error_destroy(error);
}

std::string described(rd_kafka_resp_err_t error) {
  return fmt::format("{}: {}", rd_kafka_err2name(error), rd_kafka_err2str(error));
}

Result<> ask_to_create(const RdHandle& handle, const WantedTopic& topic) {
  std::array<char, 512> text{};
  const std::unique_ptr<rd_kafka_NewTopic_t, FreeTopic> wanted(rd_kafka_NewTopic_new(
      topic.name.c_str(), topic.partitions, kDefaultReplicas, text.data(), text.size()));
  const std::unique_ptr<rd_kafka_AdminOptions_t, FreeOptions> options(
      rd_kafka_AdminOptions_new(handle.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  if (!wanted || !options) return Error{.code = Errc::kMalformed, .what = text.data()};
  for (const auto& [key, value] : topic.settings) {
    rd_kafka_NewTopic_set_config(wanted.get(), key.c_str(), value.c_str());
  }
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), static_cast<int>(kTimeout.count()), text.data(), text.size());
  auto* one = wanted.get();
  rd_kafka_CreateTopics(handle.get(), &one, 1, options.get(), handle.queue());
  return {};
}

Created created(rd_kafka_op_s* event) {
  auto error = rd_kafka_event_error(event);
  std::size_t count = 0;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto** topics =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    if (count > 0) error = rd_kafka_topic_result_error(topics[0]);
  }
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Created::kMade;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return Created::kWasThere;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Created::kDenied;
    default:
      return Created::kFailed;
  }
}

}  // namespace plumbline::kafka
