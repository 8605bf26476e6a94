// SPDX-License-Identifier: Apache-2.0
#include "agent/config/changes.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

using std::chrono_literals::operator""s;

std::string text_of(const std::vector<Change>& changes) {
  std::string out;
  for (const auto& change : changes) out += to_text(change) + "\n";
  return out;
}

TEST(Changes, EqualConfigurationsHaveNone) {
  EXPECT_TRUE(describe_changes(Config{}, Config{}).empty());
}

TEST(Changes, NameEachValueAndWhatItAsksFor) {
  Config before;
  before.otlp = {{.endpoint = "grpc://a:1"}, {.endpoint = "grpc://b:1"}};
  before.collectors["sched"].enabled = false;
  Config after;
  after.export_interval = 5s;
  after.limits.cgroups = 7;
  after.otlp = {{.endpoint = "grpc://a:2"}};
  after.bpf.deny_hooks = {"x", "y"};
  const auto changes = describe_changes(before, after);
  EXPECT_EQ(text_of(changes),
            "bpf.deny_hooks: (none) → [x, y]\n"
            "limits.cgroups: 1000 → 7 (needs a restart)\n"
            "export.interval: 10s → 5s\n"
            "collectors.sched.enabled: false → true\n"
            "otlp[0].endpoint: grpc://a:1 → grpc://a:2\n"
            "otlp[1].compression: gzip → (none)\n"
            "otlp[1].endpoint: grpc://b:1 → (none)\n"
            "otlp[1].max_request: 3500kB → (none)\n"
            "otlp[1].timeout: 10s → (none)\n");
  EXPECT_EQ(changes[0].effect, Effect::kCollectors);
  EXPECT_EQ(changes[2].effect, Effect::kNothing);
  EXPECT_EQ(changes[4].effect, Effect::kDestinations);
}

TEST(Changes, SeeThatASecretChangedAndDoNotTellIt) {
  Config before;
  before.otlp = {{.endpoint = "grpc://a:1", .headers = {{"authorization", "hunter2"}}}};
  auto after = before;
  after.otlp[0].headers["authorization"] = "hunter3";
  EXPECT_EQ(text_of(describe_changes(before, after)),
            "otlp[0].headers.authorization: (redacted) → (redacted)\n");
}

TEST(Changes, DescribeAConfigurationWithoutItsSecrets) {
  Config config;
  config.otlp = {{.endpoint = "https://a/?key=hunter2", .headers = {{"x", "hunter2"}}}};
  for (const auto& [key, text] : describe_config(config)) {
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace plumbline
