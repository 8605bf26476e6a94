// SPDX-License-Identifier: Apache-2.0
//
// What a real broker (4.3.1) answered, as captured: a topic orders of three partitions, one called
// pay with an open transaction at offset 5, and groups of three kinds. The same bytes seed the
// fuzzer, which is where they lie: API, version, answer without its correlation id.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "collectors/kafka/wire/cluster.h"
#include "collectors/kafka/wire/fetch.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/metadata.h"
#include "collectors/kafka/wire/offsets.h"
#include "collectors/kafka/wire/transactions.h"

namespace plumbline::kafka {
namespace {

std::string captured(const std::string& name) {
  std::ifstream file("tests/fuzz/corpus/kafka_wire_fuzz/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Reads the whole of a captured answer, which `bytes` must outlive.
template <class Request>
typename Request::Response read(const std::string& bytes) {
  EXPECT_GT(bytes.size(), 2U) << "the capture is missing";
  if (bytes.size() <= 2) return {};
  EXPECT_EQ(bytes[0], static_cast<char>(Request::kKey));
  const std::int16_t version = bytes[1];
  Reader in(std::string_view(bytes).substr(2), api(Request::kKey).encoding(version));
  if (Request::kKey != ApiKey::kApiVersions) in.tags();
  auto response = Request::read(in, version);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.left(), 0U) << "a field was forgotten";
  return response;
}

TEST(Messages, ApiVersions) {
  const auto bytes = captured("api18_v3");
  const auto response = read<ApiVersionsRequest>(bytes);
  EXPECT_EQ(response.error, 0);
  EXPECT_EQ(common_version(ApiKey::kMetadata, response.apis), 12);
  EXPECT_EQ(common_version(ApiKey::kShareGroupDescribe, response.apis), 1);
}

TEST(Messages, ApiVersionsOfABrokerThatDoesNotKnowOurVersion) {
  using std::string_view_literals::operator""sv;
  Reader in("\x00\x23\x00\x00\x00\x01"sv, Encoding::kFlexible);
  EXPECT_EQ(ApiVersionsRequest::read(in, 3).error, broker_error::kUnsupportedVersion);
  EXPECT_TRUE(in.ok());
}

// Not captured: written by the protocol's own description.
TEST(Messages, Fetch) {
  const auto bytes = captured("api1_v11");
  const auto response = read<FetchRequest>(bytes);
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(response.topics[0].name, "paid");
  ASSERT_EQ(response.topics[0].partitions.size(), 1U);
  const auto& batches = response.topics[0].partitions[0].batches;
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_FALSE(batches[0].is_control);
  EXPECT_EQ(batches[1].first, 10);
  EXPECT_TRUE(batches[1].is_control);
}

TEST(Messages, FetchThatIsDenied) {
  const auto bytes = captured("api1_v4_denied");
  const auto response = read<FetchRequest>(bytes);
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(response.topics[0].partitions[0].error, broker_error::kTopicAuthorizationFailed);
  EXPECT_TRUE(response.topics[0].partitions[0].batches.empty());
}

TEST(Messages, Metadata) {
  const auto bytes = captured("api3_v12");
  const auto response = read<MetadataRequest>(bytes);
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
  EXPECT_EQ(response.cluster_id, "cGx1bWJsaW5lLXRlc3QtMQ");
  EXPECT_EQ(response.controller, 1);
  const auto orders = std::find_if(response.topics.begin(),
                                   response.topics.end(),
                                   [](const auto& topic) { return topic.name == "orders"; });
  ASSERT_NE(orders, response.topics.end());
  EXPECT_FALSE(orders->internal);
  EXPECT_NE(orders->id, Uuid{});
  ASSERT_EQ(orders->partitions.size(), 3U);
  EXPECT_EQ(orders->partitions[0].leader, 1);
  EXPECT_EQ(orders->partitions[0].replicas, std::vector<std::int32_t>{1});
  EXPECT_EQ(orders->partitions[0].in_sync, 1);
  EXPECT_EQ(orders->partitions[0].offline, 0);
}

TEST(Messages, ListGroups) {
  const auto bytes = captured("api16_v5");
  const auto response = read<ListGroupsRequest>(bytes);
  ASSERT_EQ(response.groups.size(), 4U);
  EXPECT_EQ(response.groups[0].id, "classic");
  EXPECT_EQ(response.groups[0].state, "Stable");
  EXPECT_EQ(response.groups[1].type, "share");
  EXPECT_EQ(response.groups[2].type, "consumer");
  EXPECT_EQ(response.groups[3].state, "Empty");
}

TEST(Messages, DescribeGroupsWithWhoHasWhat) {
  const auto bytes = captured("api15_v5");
  const auto response = read<DescribeGroupsRequest>(bytes);
  ASSERT_EQ(response.groups.size(), 2U);
  const auto& group = response.groups[0];
  EXPECT_EQ(group.id, "classic");
  EXPECT_EQ(group.assignor, "range");
  ASSERT_EQ(group.members.size(), 1U);
  EXPECT_EQ(group.members[0].client_id, "ann");
  ASSERT_EQ(group.members[0].assigned.size(), 2U);
  EXPECT_EQ(group.members[0].assigned[1].topic, "orders");
  EXPECT_EQ(group.members[0].assigned[1].partitions, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_TRUE(response.groups[1].members.empty());
}

TEST(Messages, ConsumerGroupDescribe) {
  const auto bytes = captured("api69_v1");
  const auto response = read<ConsumerGroupDescribeRequest>(bytes);
  ASSERT_EQ(response.groups.size(), 1U);
  EXPECT_EQ(response.groups[0].id, "modern");
  EXPECT_EQ(response.groups[0].state, "Stable");
  EXPECT_EQ(response.groups[0].epoch, 2);
  EXPECT_EQ(response.groups[0].assignment_epoch, 2);
  EXPECT_EQ(response.groups[0].assignor, "uniform");
  ASSERT_EQ(response.groups[0].members.size(), 1U);
  EXPECT_EQ(response.groups[0].members[0].assigned.at(0).partitions.size(), 3U);
}

TEST(Messages, ShareGroupDescribeAndItsOffsets) {
  const auto description = captured("api77_v1");
  const auto described = read<ShareGroupDescribeRequest>(description);
  ASSERT_EQ(described.groups.size(), 1U);
  EXPECT_EQ(described.groups[0].id, "sharers");
  EXPECT_EQ(described.groups[0].members.at(0).epoch, 3);
  const auto bytes = captured("api90_v1");
  const auto offsets = read<DescribeShareGroupOffsetsRequest>(bytes);
  ASSERT_EQ(offsets.groups.size(), 1U);
  ASSERT_EQ(offsets.groups[0].topics.at(0).partitions.size(), 3U);
  EXPECT_EQ(offsets.groups[0].topics[0].partitions[0].start, -1) << "nothing was read yet";
}

TEST(Messages, StreamsGroupDescribe) {
  const auto bytes = captured("api89_v0");
  const auto response = read<StreamsGroupDescribeRequest>(bytes);
  ASSERT_EQ(response.groups.size(), 1U);
  EXPECT_EQ(response.groups[0].id, "flow");
  EXPECT_EQ(response.groups[0].state, "Stable");
  EXPECT_EQ(response.groups[0].epoch, 2);
  ASSERT_EQ(response.groups[0].members.size(), 1U);
  EXPECT_EQ(response.groups[0].members[0].id, "member-1");
  ASSERT_EQ(response.groups[0].members[0].assigned.size(), 1U);
  EXPECT_EQ(response.groups[0].members[0].assigned[0].partitions.size(), 2U);
}

TEST(Messages, TransactionsAsTheirCoordinatorsKnowThem) {
  const auto list = captured("api66_v0");
  const auto listed = read<ListTransactionsRequest>(list);
  ASSERT_EQ(listed.transactions.size(), 1U);
  EXPECT_EQ(listed.transactions[0].id, "hanging");
  EXPECT_EQ(listed.transactions[0].state, "Ongoing");
  const auto bytes = captured("api65_v0");
  const auto described = read<DescribeTransactionsRequest>(bytes);
  ASSERT_EQ(described.transactions.size(), 1U);
  EXPECT_EQ(described.transactions[0].id, "hanging");
  EXPECT_EQ(described.transactions[0].timeout_ms, 60'000);
  EXPECT_GT(described.transactions[0].start_ms, 1'700'000'000'000);
  EXPECT_EQ(described.transactions[0].topics.at(0).topic, "pay");
  EXPECT_EQ(described.transactions[0].topics[0].partitions.size(), 1U);
}

TEST(Messages, OffsetFetchOfManyGroups) {
  const auto bytes = captured("api9_v9");
  const auto response = read<OffsetFetchRequest>(bytes);
  ASSERT_EQ(response.groups.size(), 2U);
  EXPECT_EQ(response.groups[0].id, "classic");
  ASSERT_EQ(response.groups[0].topics.size(), 2U);
  EXPECT_EQ(response.groups[0].topics[0].name, "pay");
  EXPECT_EQ(response.groups[0].topics[0].partitions.at(0).committed, 5);
  EXPECT_EQ(response.groups[0].topics[1].partitions.at(0).index, 2);
  EXPECT_EQ(response.groups[0].topics[1].partitions[0].committed, 25);
}

TEST(Messages, ListOffsetsWithAnOpenTransaction) {
  const auto find = [](const ListOffsetsResponse& response, std::string_view topic) {
    for (const auto& found : response.topics) {
      if (found.name == topic) return found.partitions.at(0).offset;
    }
    return std::int64_t{-2};
  };
  const auto stable = captured("api2_v8_stable");
  EXPECT_EQ(find(read<ListOffsetsRequest>(stable), "pay"), 5);
  const auto end = captured("api2_v8_end");
  EXPECT_EQ(find(read<ListOffsetsRequest>(end), "pay"), 6);
  const auto start = captured("api2_v8_start");
  EXPECT_EQ(find(read<ListOffsetsRequest>(start), "pay"), 0);
}

// These four are written by the definition, not captured.
TEST(Messages, SettingsDirectoriesReassignmentsAndProducers) {
  const auto configs = captured("api32_v4");
  const auto settings = read<DescribeConfigsRequest>(configs);
  ASSERT_EQ(settings.resources.size(), 1U);
  EXPECT_EQ(settings.resources[0].name, "orders");
  ASSERT_EQ(settings.resources[0].settings.size(), 2U);
  EXPECT_EQ(settings.resources[0].settings[0].value, "604800000");
  const auto directories = captured("api35_v4");
  const auto disks = read<DescribeLogDirsRequest>(directories);
  EXPECT_EQ(disks.directories.at(0).log_bytes, 4096);
  EXPECT_EQ(disks.directories[0].free_bytes, std::int64_t{1} << 39);
  const auto moves = captured("api46_v0");
  EXPECT_EQ(read<ListPartitionReassignmentsRequest>(moves).partitions, 1);
  const auto writers = captured("api61_v0");
  const auto producers = read<DescribeProducersRequest>(writers);
  EXPECT_EQ(producers.topics.at(0).partitions.at(0).producers.at(0).transaction_start, 5);
}

TEST(Messages, AnAssignmentThatMakesNoSenseIsNone) {
  using std::string_view_literals::operator""sv;
  for (const auto bytes : {""sv, "\x00\x00\x7F\xFF\xFF\xFF"sv, "nonsense"sv}) {
    Reader frame(bytes, Encoding::kClassic);
    EXPECT_TRUE(read_classic_assignment(frame, bytes).empty());
    EXPECT_TRUE(frame.ok());
  }
}

// Requests, by what the protocol's definition says of each version.
template <class Request>
std::string written(const Request& request, std::int16_t version) {
  std::string out;
  Writer writer(out, api(Request::kKey).encoding(version));
  request.write(writer, version);
  return out;
}

TEST(Messages, OffsetFetchAsksForOneGroupBeforeVersionEightAndForManyFromThenOn) {
  using std::string_view_literals::operator""sv;
  const std::vector<std::string> groups{"a", "b"};
  const OffsetFetchRequest request{.groups = groups};
  EXPECT_EQ(written(request, 5),
            "\x00\x01"
            "a\xFF\xFF\xFF\xFF"sv);
  EXPECT_EQ(written(request, 7),
            "\x02"
            "a\x00\x00\x00"sv);
  EXPECT_EQ(written(request, 8),
            "\x03\x02"
            "a\x00\x00\x02"
            "b\x00\x00\x00\x00"sv);
}

TEST(Messages, ListOffsetsNamesEachPartitionWithItsTime) {
  using std::string_view_literals::operator""sv;
  const std::vector<TopicTimes> topics{{.topic = "t", .partitions = {{.index = 1, .time = -2}}}};
  const ListOffsetsRequest request{.isolation = Isolation::kReadCommitted, .topics = topics};
  EXPECT_EQ(written(request, 1),
            "\xFF\xFF\xFF\xFF\x00\x00\x00\x01\x00\x01t\x00\x00\x00\x01\x00\x00\x00\x01"
            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"sv);
  EXPECT_EQ(written(request, 6),
            "\xFF\xFF\xFF\xFF\x01\x02\x02t\x02\x00\x00\x00\x01\xFF\xFF\xFF\xFF"
            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE\x00\x00\x00"sv);
}

}  // namespace
}  // namespace plumbline::kafka
