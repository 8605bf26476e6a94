// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/registry.h"
#include "tests/unit/agent/commands/run_for_test.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using testing::HasSubstr;

TEST(Catalog, HasEveryMetricOfEveryCollector) {
  const auto ran = run_for_test({"catalog", "-o", "json"});
  EXPECT_EQ(ran.code, 0);
  const auto json = nlohmann::json::parse(ran.out);
  std::multiset<std::string> listed;
  for (const auto& metric : json["metrics"]) {
    listed.insert(metric["collector"].get<std::string>() + " " + metric["name"].get<std::string>());
  }
  for (const auto& entry : collector_registry()) {
    for (const auto& spec : entry.info->metrics) {
      EXPECT_EQ(listed.count(std::string(entry.info->name) + " " + std::string(spec.name)), 1U)
          << spec.name;
    }
  }
  EXPECT_EQ(json["version"], 1);
}

TEST(Catalog, TellsNamesUnitsAndSources) {
  const auto json = nlohmann::json::parse(run_for_test({"catalog", "-o", "json"}).out);
  for (const auto& metric : json["metrics"]) {
    for (const auto* key :
         {"name", "prometheus_name", "instrument", "unit", "description", "source", "collector"}) {
      EXPECT_FALSE(metric[key].get<std::string>().empty()) << metric.dump() << key;
    }
  }
}

TEST(Catalog, ShowsOneCollectorAsTableAndMarkdown) {
  const auto table = run_for_test({"catalog", "--collector", "sched"});
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.out, HasSubstr("METRIC"));
  const auto markdown = run_for_test({"catalog", "--collector", "sched", "-o", "markdown"});
  EXPECT_TRUE(markdown.out.starts_with("## sched\n\n| Metric | Prometheus |")) << markdown.out;
  EXPECT_EQ(markdown.out.find("\n## "), std::string::npos);
}

TEST(Catalog, RefusesACollectorThatIsNot) {
  const auto ran = run_for_test({"catalog", "--collector", "shced"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("did you mean \"sched\"?"));
}

}  // namespace
}  // namespace plumbline
