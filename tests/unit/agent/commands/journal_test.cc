// SPDX-License-Identifier: Apache-2.0
// What tests/integration/journal does not look at more closely: texts and choices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "agent/commands/journal_csv.h"
#include "agent/commands/journal_place.h"
#include "agent/commands/progress.h"
#include "agent/commands/time_point.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/run_for_test.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

TEST(Progress, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_text(340, 1000, "items", 2s),
            "34 %, 340 of 1000 items, 170 a second, 4s left");
  EXPECT_EQ(progress_text(1000, 1000, "items", 10s),
            "100 %, 1000 of 1000 items, 100 a second, 0s left");
}

TEST(Progress, TellsTheTwoGreatestUnitsOfATime) {
  EXPECT_EQ(rough_duration(0s), "0s");
  EXPECT_EQ(rough_duration(59s), "59s");
  EXPECT_EQ(rough_duration(250s), "4m10s");
  EXPECT_EQ(rough_duration(3600s), "1h");
  EXPECT_EQ(rough_duration(3659s), "1h");
  EXPECT_EQ(rough_duration(86'400s + 61s), "1d");
  EXPECT_EQ(rough_duration(50h), "2d2h");
}

TEST(Progress, SaysNoRateAsLongAsNothingIsDone) {
  EXPECT_EQ(progress_text(0, 1000, "items", 2s), "0 %, 0 of 1000 items");
}

TEST(Progress, IsNeverMoreThanAllAndNeverAllTooEarly) {
  EXPECT_THAT(progress_text(1001, 1000, "items", 1s), StartsWith("100 %, 1000 of 1000"));
  EXPECT_THAT(progress_text(999, 1000, "items", 1s), StartsWith("99 %"));
  EXPECT_THAT(progress_text(0, 0, "items", 1s), StartsWith("100 %"));
}

std::string shown(bool terminal) {
  std::ostringstream out;
  std::ostringstream err;
  Program program{.out = out, .err = err, .err_is_terminal = terminal};
  ManualClock clock;
  ProgressLine line(program, clock, "replay", "items", 100);
  for (int i = 0; i < 100; ++i) {
    clock.advance(100ms);
    line.show(static_cast<std::uint64_t>(i));
  }
  line.end();
  return err.str();
}

TEST(Progress, WritesALineNowAndThenWhereThereIsNoTerminal) {
  EXPECT_EQ(shown(false),
            "replay: 49 %, 49 of 100 items, 10 a second, 6s left\n"
            "replay: 99 %, 99 of 100 items, 10 a second, 1s left\n");
}

TEST(Progress, WritesOverItselfOnATerminalAndLeavesNothing) {
  const auto text = shown(true);
  EXPECT_THAT(text, StartsWith("\r\x1b[Kreplay: 4 %"));
  EXPECT_THAT(text, testing::EndsWith("\r\x1b[K"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 21);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 0);
}

TEST(Speed, IsMaxOrAFactor) {
  EXPECT_EQ(parse_speed("max").value(), 0);
  EXPECT_EQ(parse_speed("1x").value(), 1);
  EXPECT_EQ(parse_speed("0.5x").value(), 0.5);
  for (const auto* text : {"", "x", "10", "0x", "-1x", "infx", "nanx", "1e9x", "1x "}) {
    EXPECT_FALSE(parse_speed(text)) << text;
  }
}

// A metrics request with one metric: `data` is a Gauge, Sum, ... as field `kind`.
std::string one_metric(std::uint32_t kind, const std::string& point) {
  std::string data;
  protozero::pbf_writer(data).add_message(1, point);
  std::string metric;
  protozero::pbf_writer writer(metric);
  writer.add_string(1, "a,b");
  writer.add_string(3, "s");
  writer.add_message(kind, data);
  std::string scope;
  protozero::pbf_writer(scope).add_message(2, metric);
  std::string resource;
  protozero::pbf_writer(resource).add_message(2, scope);
  std::string request;
  protozero::pbf_writer(request).add_message(1, resource);
  return request;
}

std::string attribute(const std::string& key, const std::string& value) {
  std::string pair;
  protozero::pbf_writer(pair).add_string(1, key);
  protozero::pbf_writer(pair).add_message(2, value);
  return pair;
}

TEST(Csv, QuotesWhatNeedsItAndKeepsTypes) {
  std::string text;
  protozero::pbf_writer(text).add_string(1, "x \"y\"\n");
  std::string whole;
  protozero::pbf_writer(whole).add_int64(3, -5);
  std::string flag;
  protozero::pbf_writer(flag).add_bool(2, true);
  std::string point;
  protozero::pbf_writer writer(point);
  writer.add_fixed64(3, 1'700'000'000'500'000'000ULL);
  writer.add_double(4, 0.1);
  writer.add_message(7, attribute("k", text));
  writer.add_message(7, attribute("n", whole));
  writer.add_message(7, attribute("f", flag));
  std::string out;
  ASSERT_TRUE(append_csv(one_metric(5, point), out));
  EXPECT_EQ(out,
            "2023-11-14T22:13:20.5Z,\"a,b\",gauge,s,"
            "\"{\"\"k\"\":\"\"x \\\"\"y\\\"\"\\u000a\"\",\"\"n\"\":-5,\"\"f\"\":true}\",0.1,,,,\n");
}

TEST(Csv, HasCountSumMinAndMaxOfAHistogram) {
  std::string point;
  protozero::pbf_writer writer(point);
  writer.add_fixed64(3, 1'700'000'000'000'000'000ULL);
  writer.add_fixed64(4, 3);
  writer.add_double(5, 6.5);
  writer.add_double(12, 1);
  writer.add_double(13, 4);
  std::string out;
  ASSERT_TRUE(append_csv(one_metric(10, point), out));
  EXPECT_EQ(out, "2023-11-14T22:13:20Z,\"a,b\",exponential_histogram,s,{},,3,6.5,1,4\n");
}

TEST(Csv, LeavesEmptyWhatAPointLacks) {
  std::string point;
  protozero::pbf_writer(point).add_fixed64(3, 1'700'000'000'000'000'000ULL);
  std::string out;
  ASSERT_TRUE(append_csv(one_metric(5, point), out));
  EXPECT_EQ(out, "2023-11-14T22:13:20Z,\"a,b\",gauge,s,{},,,,,\n");
}

TEST(JournalPlace, TheConfigurationNamesTheStateDirectory) {
  const TempDir dir;
  const auto state = dir.make_directory("state");
  const auto file = dir.write("a.yaml", "state_dir: " + state.string() + "\n");
  const auto ran = run_for_test({"journal", "stats", "--config", file.string()});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.err, HasSubstr("there is no journal " + state.string() + "/journal.db"));
}

TEST(JournalPlace, ABadConfigurationIsNotGuessedAbout) {
  const TempDir dir;
  const auto file = dir.write("a.yaml", "state_dirr: /tmp\n");
  const auto ran = run_for_test({"journal", "stats", "--config", file.string()});
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_THAT(ran.err, HasSubstr("name it with --journal FILE"));
}

TEST(JournalCommands, AGroupNeedsOneOfItsWords) {
  const auto ran = run_for_test({"journal"});
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_EQ(ran.err,
            "plumbline: journal needs one of stats, verify, dump, export, vacuum\n"
            "`plumbline journal --help` lists what there is\n");
  EXPECT_THAT(run_for_test({"journal", "dmup"}).err, HasSubstr("did you mean \"dump\"?"));
  for (const auto& help :
       {run_for_test({"journal", "--help"}), run_for_test({"help", "journal"})}) {
    EXPECT_EQ(help.code, kDone);
    EXPECT_THAT(help.out, HasSubstr("Usage: plumbline journal COMMAND"));
    EXPECT_THAT(help.out, HasSubstr("\n  vacuum  "));
  }
  EXPECT_THAT(run_for_test({"journal", "dump", "--help"}).out,
              HasSubstr("Usage: plumbline journal dump [OPTION]..."));
  EXPECT_THAT(run_for_test({"help", "journal", "dump"}).out, HasSubstr("--metric PATTERN"));
  EXPECT_THAT(run_for_test({"journal", "stats", "--from", "now"}).err,
              HasSubstr("journal stats has no option --from"));
}

}  // namespace
}  // namespace plumbline
