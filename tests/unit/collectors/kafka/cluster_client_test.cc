// SPDX-License-Identifier: Apache-2.0
//
// One look at brokers that behave, and at such that do not.
#include "collectors/kafka/cluster_client.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collectors/kafka/scripted_broker.h"

namespace plumbline::kafka {
namespace {

using testing::HasSubstr;
using Request = ScriptedBroker::Request;

class ClusterClientTest : public testing::Test {
 protected:
  static constexpr auto kPatience = std::chrono::seconds(20);

  void start(ScriptedBroker::Answer answer) {
    broker_.emplace(io_, std::move(answer));
    client_.emplace(
        ClusterAccess{
            .bootstrap = {{.scheme = "http", .host = "127.0.0.1", .port = broker_->port()}}},
        *NameFilter::make("", ""),
        *NameFilter::make("", ""),
        clock_);
  }

  Result<Snapshot> look(std::chrono::milliseconds patience = kPatience) {
    std::optional<Result<Snapshot>> seen;
    boost::asio::co_spawn(io_,
                          client_->look(std::chrono::steady_clock::now() + patience),
                          [&](const std::exception_ptr&, Result<Snapshot> result) {
                            seen = std::move(result);
                            io_.stop();
                          });
    io_.restart();
    io_.run();
    return *std::move(seen);
  }

  // A cluster of one broker with a topic of two partitions and as many groups.
  std::optional<std::string> well(const Request& request) {
    switch (request.key) {
      case ApiKey::kMetadata:
        return metadata_body(broker_->port(), topics_);
      case ApiKey::kListGroups:
        return list_groups_body(groups_);
      case ApiKey::kOffsetFetch:
        return offset_fetch_body(groups_, "t", 2, 40);
      case ApiKey::kDescribeGroups:
        return describe_groups_body(groups_);
      case ApiKey::kListOffsets:
        return list_offsets_body(topics_, 100);
      default:
        return std::nullopt;
    }
  }

  void TearDown() override {
    if (client_) client_->close();
  }

  boost::asio::io_context io_{1};
  SystemClock clock_;
  std::vector<std::pair<std::string, int>> topics_{{"t", 2}};
  std::vector<std::string> groups_{"a", "b"};
  std::optional<ScriptedBroker> broker_;
  std::optional<ClusterClient> client_;
};

TEST_F(ClusterClientTest, OfAShareOnlyWhatItHasIsAskedFor) {
  topics_ = {{"t", 2}, {"division", 1}};
  start([this](const Request& request) { return well(request); });
  client_->set_share(Share("division", {}));
  const auto nothing = look();
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->topics.size(), 2U);
  EXPECT_TRUE(nothing->groups.empty());
  EXPECT_EQ(broker_->count(ApiKey::kOffsetFetch), 0U);
  EXPECT_EQ(broker_->count(ApiKey::kListOffsets), 0U);
  client_->set_share(Share("division", {0}));
  const auto all = look();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->groups.size(), 2U);
  EXPECT_EQ(all->share.size(), 1);
  EXPECT_GT(broker_->count(ApiKey::kListOffsets), 0U);
}

TEST_F(ClusterClientTest, SeesGroupsAndEnds) {
  start([this](const Request& request) { return well(request); });
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().what;
  ASSERT_EQ(seen->groups.size(), 2U);
  ASSERT_EQ(seen->groups[1].commits.size(), 2U);
  EXPECT_EQ(seen->groups[1].commits[1].offset, 40);
  EXPECT_EQ(seen->topics.at(0).partitions.at(1).end, 100);
  EXPECT_TRUE(seen->refusals.empty());
}

TEST_F(ClusterClientTest, TheNumberOfRequestsIsThatOfBrokersNotOfGroupsOrPartitions) {
  topics_ = {{"t", 1'500}};
  for (int i = 0; i < 1'500; ++i) groups_.push_back("g" + std::to_string(i));
  start([this](const Request& request) { return well(request); });
  ASSERT_TRUE(look());
  // ApiVersions, Metadata, ListGroups, OffsetFetch, DescribeGroups, three times ListOffsets.
  EXPECT_EQ(broker_->requests().size(), 8U);
  ASSERT_TRUE(look());
  EXPECT_EQ(broker_->requests().size(), 15U) << "the connection stays";
}

TEST_F(ClusterClientTest, AnOlderBrokerIsAskedForOneGroupAfterTheOther) {
  start([this](const Request& request) -> std::optional<std::string> {
    if (request.key != ApiKey::kOffsetFetch) return well(request);
    std::string body;
    Writer out(body, Encoding::kFlexible);
    out.i32(0);
    out.array_size(1);
    out.string("t");
    out.array_size(1);
    out.i32(1);
    out.i64(7);
    out.i32(-1);
    out.string("");
    out.i16(0);
    out.tags();
    out.tags();
    out.i16(0);
    out.tags();
    return body;
  });
  for (auto& range : broker_->versions) {
    if (range.key == ApiKey::kOffsetFetch) range.max = 7;
  }
  const auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(broker_->count(ApiKey::kOffsetFetch), 2U);
  ASSERT_EQ(seen->groups[0].commits.size(), 1U);
  EXPECT_EQ(seen->groups[1].commits.at(0).offset, 7);
}

TEST_F(ClusterClientTest, ABrokerThatHangsCostsItsTimeAndIsNamed) {
  bool hangs = false;
  start([&](const Request& request) -> std::optional<std::string> {
    hangs |= request.key == ApiKey::kOffsetFetch;
    if (hangs) return std::nullopt;
    return well(request);
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto seen = look(std::chrono::milliseconds(300));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->groups.size(), 2U);
  EXPECT_TRUE(seen->groups[0].commits.empty()) << "unknown, not zero";
  ASSERT_FALSE(seen->refusals.empty());
  EXPECT_EQ(seen->refusals[0].error, "timeout");
}

TEST_F(ClusterClientTest, ABrokerThatSaysNothingIsAFailureWithItsName) {
  start([](const Request&) { return std::nullopt; });
  const auto seen = look(std::chrono::milliseconds(300));
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().what, HasSubstr("Metadata was not answered in time"));
  EXPECT_THAT(seen.error().what, HasSubstr(std::to_string(broker_->port())));
}

TEST_F(ClusterClientTest, NobodyListeningIsAFailure) {
  start([](const Request&) { return std::nullopt; });
  const auto port = broker_->port();
  broker_.reset();
  const auto seen = look(std::chrono::milliseconds(300));
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().what, HasSubstr(std::to_string(port)));
}

// Each of these answers ends the connection; the next look opens another and sees everything.
using Spoil = std::function<std::string(const std::string& frame)>;

struct Spoiled {
  std::string name;
  Spoil spoil;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const Spoiled& spoiled) {
  return out << spoiled.name;
}

class HostileBroker : public ClusterClientTest, public testing::WithParamInterface<Spoiled> {};

TEST_P(HostileBroker, IsLeftAndAskedAnewAtTheNextLook) {
  bool hostile = true;
  start([this](const Request& request) { return well(request); });
  broker_->spoil = [&](const Request& request, const std::string& frame) {
    return hostile && request.key == ApiKey::kMetadata ? GetParam().spoil(frame) : frame;
  };
  const auto refused = look(std::chrono::milliseconds(500));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr(GetParam().says));
  hostile = false;
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(seen->groups.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Answers,
    HostileBroker,
    testing::Values(Spoiled{"half a frame",
                            [](const auto& f) { return f.substr(0, f.size() / 2); },
                            "not answered in time"},
                    Spoiled{"another correlation id",
                            [](auto f) {
                              f[7] = '\x7F';
                              return f;
                            },
                            "which it was not asked next"},
                    Spoiled{"a frame of two gigabytes",
                            [](auto f) {
                              f.replace(0, 4, "\x7F\xFF\xFF\xFF", 4);
                              return f;
                            },
                            "announces an answer of 2147483647 bytes"},
                    Spoiled{"a negative frame",
                            [](auto f) {
                              f.replace(0, 4, "\xFF\xFF\xFF\xFF", 4);
                              return f;
                            },
                            "announces an answer of -1 bytes"},
                    Spoiled{"an array of four billion",
                            [](auto f) {
                              f.replace(13, 1, "\xFF\xFF\xFF\xFF\x0F", 5);
                              f[3] = static_cast<char>(f.size() - 4);
                              f[2] = static_cast<char>((f.size() - 4) >> 8U);
                              return f;
                            },
                            "cannot be read"},
                    Spoiled{"another protocol",
                            [](const auto&) { return "HTTP/1.1 400 Bad Request\r\n\r\n"; },
                            "is this a Kafka port"}));

TEST_F(ClusterClientTest, OneTopicThatIsRefusedHidesNoOther) {
  topics_ = {{"t", 2}, {"secret", 1}};
  start([this](const Request& request) -> std::optional<std::string> {
    if (request.key != ApiKey::kListOffsets) return well(request);
    auto good = list_offsets_body({{"t", 2}}, 100);
    auto bad = list_offsets_body({{"secret", 1}}, 0, broker_error::kTopicAuthorizationFailed);
    // One array of both: throttle time, count, topics, tags.
    return good.substr(0, 4) + "\x03" + good.substr(5, good.size() - 6) +
           bad.substr(5, bad.size() - 6) + std::string(1, '\0');
  });
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(seen->topics[0].partitions[0].end, 100);
  EXPECT_EQ(seen->topics[1].partitions[0].end, kUnknown);
  ASSERT_EQ(seen->refusals.size(), 1U);
  EXPECT_EQ(seen->refusals[0].error, "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_EQ(seen->refusals[0].resource, "topic secret");
  EXPECT_EQ(seen->refusals[0].times, 3U);
}

struct Denied {
  ApiKey key;
  std::size_t from_end;  // where the error code of the answer stands; 0: `at` from its beginning
  std::size_t at;
  std::int16_t error;
  std::string name;
  std::string resource;
};

std::ostream& operator<<(std::ostream& out, const Denied& denied) {
  return out << api(denied.key).name;
}

class MissingRight : public ClusterClientTest, public testing::WithParamInterface<Denied> {};

TEST_P(MissingRight, IsNamedWithItsApiAndResourceAndHidesNothingElse) {
  const auto& denied = GetParam();
  groups_ = {"a"};
  start([&](const Request& request) {
    auto body = well(request);
    if (request.key != denied.key) return body;
    const auto at = denied.from_end > 0 ? body->size() - denied.from_end : denied.at;
    (*body)[at + 1] = static_cast<char>(denied.error);
    return body;
  });
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().what;
  ASSERT_EQ(seen->refusals.size(), 1U);
  EXPECT_EQ(seen->refusals[0].api, api(denied.key).name);
  EXPECT_EQ(seen->refusals[0].error, denied.name);
  EXPECT_EQ(seen->refusals[0].resource, denied.resource);
  EXPECT_EQ(seen->topics.at(0).partitions.at(1).end, 100);
}

// Errors stand behind the throttle time, or in the last of the groups' fields.
INSTANTIATE_TEST_SUITE_P(
    Apis,
    MissingRight,
    testing::Values(
        Denied{ApiKey::kListGroups, 0, 4, 31, "CLUSTER_AUTHORIZATION_FAILED", "the cluster"},
        Denied{ApiKey::kDescribeGroups, 0, 5, 30, "GROUP_AUTHORIZATION_FAILED", "group a"},
        Denied{ApiKey::kOffsetFetch, 4, 0, 30, "GROUP_AUTHORIZATION_FAILED", "group a"}));

TEST_F(ClusterClientTest, PartitionsNobodyAskedForAndGroupsNobodyNamedAreIgnored) {
  start([this](const Request& request) -> std::optional<std::string> {
    if (request.key == ApiKey::kListOffsets) return list_offsets_body({{"t", 900}, {"x", 3}}, 1);
    if (request.key == ApiKey::kOffsetFetch) return offset_fetch_body({"zz"}, "x", 3, 1);
    return well(request);
  });
  const auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->topics.size(), 1U);
  EXPECT_EQ(seen->topics[0].partitions.size(), 2U);
  EXPECT_EQ(seen->groups.size(), 2U);
}

TEST_F(ClusterClientTest, AClusterThatShrinksIsSeenAsItIs) {
  start([this](const Request& request) { return well(request); });
  ASSERT_TRUE(look());
  topics_ = {{"t", 1}};
  groups_ = {"b"};
  const auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->topics[0].partitions.size(), 1U);
  EXPECT_EQ(seen->groups.size(), 1U);
}

}  // namespace
}  // namespace plumbline::kafka
