// SPDX-License-Identifier: Apache-2.0
#include "agent/config/document.h"

#include <regex>

#include <gtest/gtest.h>

#include "agent/config/changes.h"
#include "agent/config/load.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

std::vector<Problem> problems_of(const std::string& text, Config& config) {
  const TempDir dir;
  auto loaded = read_config({.file = dir.write("a.yaml", text).string(),
                             .environment = [](const std::string&) { return std::nullopt; }});
  config = std::move(loaded.config);
  return std::move(loaded.problems);
}

TEST(Document, PackagedExampleIsFresh) {
  expect_golden("packaging/config/plumbline.yaml", example_config());
}

TEST(Document, ExampleChangesNothing) {
  Config config;
  EXPECT_EQ(render(problems_of(example_config(), config)), "");
  EXPECT_TRUE(describe_changes(Config{}, config).empty());
}

// Only the files it names are not there.
TEST(Document, ExampleIsValidWhenEveryKeyIsUncommented) {
  const auto uncommented =
      std::regex_replace(example_config(), std::regex("(^|\n)#(?! )( *(- )?\\w+:)"), "$1$2");
  const auto again = std::regex_replace(
      std::regex_replace(uncommented, std::regex("\n#( +(- )?[a-z_]+:)"), "\n$1"),
      std::regex("\n "
                 "*(certificate_file|key_file|ca_file|headers_file|bearer_token_file|server_name|"
                 "username|password_file|token_file|keytab_file|file):[^\n]*"),
      "");
  Config config;
  EXPECT_EQ(render(problems_of(again, config)), "") << again;
  EXPECT_EQ(config.otlp.size(), 1U) << again;
  EXPECT_EQ(config.kafka.size(), 1U) << again;
  EXPECT_EQ(config.kafka_clusters.size(), 1U) << again;
  EXPECT_EQ(config.collectors.size(), 1U);
  EXPECT_FALSE(config.resource_attributes.empty());
}

}  // namespace
}  // namespace plumbline
