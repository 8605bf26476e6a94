// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/registry.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/run_for_test.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using testing::HasSubstr;

// A machine that has nothing: every signal is told of, none crashes the command.
Ran doctor_on_an_empty_machine(std::vector<std::string> arguments) {
  const TempDir root;
  std::ostringstream out;
  std::ostringstream err;
  Program program{.out = out,
                  .err = err,
                  .environment = [](const std::string&) { return std::nullopt; },
                  .run_agent = {},
                  .proc = root.make_directory("proc"),
                  .sys = root.make_directory("sys")};
  arguments.insert(arguments.begin(), "doctor");
  const int code = run_command(arguments, program);
  return {.code = code, .out = out.str(), .err = err.str(), .agent = std::nullopt};
}

TEST(Doctor, TellsOfEveryCollectorOfAMachineThatHasNothing) {
  const auto ran = doctor_on_an_empty_machine({"-o", "json"});
  EXPECT_EQ(ran.code, 3);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["version"], 1);
  ASSERT_EQ(json["collectors"].size(), collector_registry().size());
  for (const auto& collector : json["collectors"]) {
    for (const auto& signal : collector["signals"]) {
      if (signal["state"] == "available") continue;
      EXPECT_FALSE(signal["reason"].get<std::string>().empty()) << signal.dump();
    }
  }
}

TEST(Doctor, WritesATable) {
  const auto ran = doctor_on_an_empty_machine({});
  EXPECT_THAT(ran.out, HasSubstr("MACHINE"));
  EXPECT_THAT(ran.out, HasSubstr("SIGNAL"));
  EXPECT_THAT(ran.out, HasSubstr(" signals: "));
}

TEST(Doctor, LeavesOutWhatIsSwitchedOff) {
  std::vector<std::string> arguments;
  for (const auto& entry : collector_registry()) {
    arguments.insert(arguments.end(),
                     {"--set", "collectors." + std::string(entry.info->name) + ".enabled=false"});
  }
  const auto ran = doctor_on_an_empty_machine(arguments);
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("0 signals"));
}

TEST(Doctor, RefusesABadConfiguration) {
  const auto ran = doctor_on_an_empty_machine({"--set", "listen=x"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--set: error:"));
}

}  // namespace
}  // namespace plumbline
