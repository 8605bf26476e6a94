// SPDX-License-Identifier: Apache-2.0
#include "agent/core/log.h"

#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

std::string written(LogFormat format, LogLevel level, std::string_view message) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const ManualClock clock;
  Log log(clock, ends[1], format, level);
  log.write(LogLevel::kInfo, "test", message);
  ::close(ends[1]);
  std::array<char, 512> buffer{};
  const auto length = ::read(ends[0], buffer.data(), buffer.size());
  ::close(ends[0]);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

TEST(Log, KeepsAHostileNameOnOneLine) {
  EXPECT_EQ(written(LogFormat::kText, LogLevel::kInfo, "pod a\nerror: fake\x1b[31m"),
            "2023-11-14T22:13:20.000Z info test: pod a\\nerror: fake\\x1b[31m\n");
}

TEST(Log, WritesJsonThatParses) {
  EXPECT_EQ(written(LogFormat::kJson, LogLevel::kInfo, "say \"hi\"\\\n"),
            "{\"time\":\"2023-11-14T22:13:20.000Z\",\"level\":\"info\",\"area\":\"test\","
            "\"message\":\"say \\\"hi\\\"\\\\\\u000a\"}\n");
}

TEST(Log, SaysNothingBelowItsLevel) {
  EXPECT_EQ(written(LogFormat::kText, LogLevel::kError, "quiet"), "");
}

}  // namespace
}  // namespace plumbline
