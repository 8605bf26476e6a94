// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/by_owner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/limit.h"
#include "agent/pipeline/log_encode.h"
#include "agent/pipeline/otlp_json.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr MetricSpec kStarts{.name = "t.starts",
                             .instrument = Instrument::kCounter,
                             .unit = Unit::kProcess,
                             .description = "",
                             .source = "",
                             .attributes = {"linux.cgroup.path"}};
constexpr MetricSpec kLoad{.name = "t.load",
                           .instrument = Instrument::kGauge,
                           .unit = Unit::kLoad,
                           .description = "",
                           .source = ""};

const std::string kFirst = "/docker/" + std::string(64, 'a');
const std::string kSecond = "/docker/" + std::string(64, 'b');

class ByOwnerTest : public testing::Test {
 protected:
  ByOwnerTest() {
    Batch batch;
    batch.time = 5;
    batch.add(table_.get(kStarts, {std::string_view(kSecond)}), 2);
    batch.add(table_.get(kStarts, {"/system.slice/ssh.service"}), 1);
    batch.add(table_.get(kStarts, {std::string_view(kFirst)}), 3);
    batch.add(table_.get(kLoad), 1);
    latest_.update("t", batch);
  }

  ManualClock clock_;
  Identity identity_{clock_};
  ByOwner by_owner_{identity_};
  SeriesTable table_{1};
  Latest latest_;
};

TEST_F(ByOwnerTest, GivesEachContainerItsEntriesAndTheNodeTheRest) {
  const auto groups = by_owner_.split(latest_.entries());
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_FALSE(groups[0].owner);
  EXPECT_EQ(groups[0].entries.size(), 2U);
  ASSERT_TRUE(groups[1].owner);
  EXPECT_EQ(groups[1].owner->attribute("container.id"), std::string(64, 'b'));
  EXPECT_EQ(groups[1].entries.size(), 1U);
  EXPECT_EQ(groups[2].owner->attribute("container.id"), std::string(64, 'a'));
  EXPECT_EQ(groups[2].entries[0]->value.integer, 3);
}

TEST_F(ByOwnerTest, GivesWhatWasFoldedToNobodyInParticular) {
  Batch batch;
  batch.time = 5;
  LimitsConfig config;
  config.series_per_metric = 1;
  batch.add(table_.get(kStarts, {std::string_view(kSecond)}), 2);
  SeriesLimit limit(config);
  limit.apply("t", batch);
  ASSERT_EQ(batch.size(), 1U);
  const auto& owner = by_owner_.owner(*batch.series(0));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->attribute("service.name"), "_other");
  EXPECT_EQ(owner->attribute("container.id"), "");
}

TEST_F(ByOwnerTest, WritesAResourceForEachWithTheMachineInIt) {
  const Resource own({{"host.name", "n1"}, {"service.name", "plumbline"}}, "1");
  OwnerResources resources;
  resources.set_base(own.attributes());
  MetricsEncoder encoder;
  std::string request;
  const auto groups = by_owner_.split(latest_.entries());
  encoder.encode(
      resources.encoded(groups[1].owner), own.encoded_scope(), groups[1].entries, request);
  const auto json = otlp_to_json(Signal::kMetrics, request).value();
  EXPECT_THAT(json, HasSubstr(std::string(64, 'b')));
  EXPECT_THAT(json, HasSubstr("n1"));
  EXPECT_THAT(json, Not(HasSubstr("service.name"))) << "the agent's name is not the container's";
}

TEST(OwnerResources, WritesImageTagsAsAList) {
  OwnerResources resources;
  Owner owner{.kind = GroupKind::kContainer, .attributes = {{"container.image.tags", "1.2"}}};
  const auto shared = std::make_shared<const Owner>(std::move(owner));
  std::string request;
  encode_log(resources.encoded(shared), {}, {.name = "x", .body = "y", .attributes = {}}, request);
  EXPECT_THAT(otlp_to_json(Signal::kLogs, request).value(),
              HasSubstr(R"({"arrayValue":{"values":[{"stringValue":"1.2"}]}})"));
}

TEST(LogEncode, WritesAnEventAsALogRecord) {
  std::string request;
  encode_log({},
             {},
             {.name = "container.exit",
              .time = 7,
              .observed = 9,
              .severity = EventSeverity::kError,
              .body = "it ended",
              .attributes = {{"k", "v"}, {"n", 4}}},
             request);
  const auto json = otlp_to_json(Signal::kLogs, request).value();
  for (const auto* part : {R"("timeUnixNano":"7")",
                           R"("observedTimeUnixNano":"9")",
                           R"("severityNumber":17)",
                           R"("body":{"stringValue":"it ended"})",
                           R"({"key":"k","value":{"stringValue":"v"}})",
                           R"({"key":"n","value":{"intValue":"4"}})",
                           R"("eventName":"container.exit")"}) {
    EXPECT_THAT(json, HasSubstr(part));
  }
}

}  // namespace
}  // namespace plumbline
