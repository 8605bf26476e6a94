// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/api.h"

#include <gtest/gtest.h>

#include "agent/runtime/self_signals.h"
#include "tests/support/manual_clock.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::json;

SelfView one_destination() {
  SelfView view;
  view.series = 12;
  SelfView::Destination destination{.name = "otlp:c:4317", .up = false, .tried = true};
  destination.requests = 3;
  destination.ledgers[0] = {.collected = 10, .delivered = 4, .rejected = 1, .dropped = 2};
  destination.last_error = "refused\xff";
  view.destinations.push_back(destination);
  view.overflows.push_back({.metric = &self::kRuns, .points = 7, .description = "too many"});
  return view;
}

TEST(StatusJson, TellsTheLedgerOfADestination) {
  ManualClock clock;
  const auto started = clock.steady();
  clock.advance(std::chrono::seconds(5));
  const auto json = Json::parse(status_json(one_destination(), "1.2.3", clock, started));
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["uptime_seconds"], 5);
  const auto& destination = json["destinations"][0];
  EXPECT_EQ(destination["state"], "down");
  EXPECT_EQ(destination["ledger"]["metrics"]["queued"], 3);
  EXPECT_FALSE(destination["ledger"].contains("traces"));
  EXPECT_EQ(json["overflow"][0]["metric"], "plumbline.collector.runs");
  EXPECT_EQ(json["overflow"][0]["description"], "too many");
}

TEST(SeriesJson, GivesNewestValuesByPrefixAndSaysWhenThereAreMore) {
  SeriesTable table(1);
  Batch batch;
  batch.time = 1'700'000'000'000'000'000U;
  batch.add(table.get(self::kRuns, {"node", "success"}), 5);
  batch.add(table.get(self::kRuns, {"node", "failure"}), 0);
  batch.add(table.get(self::kUptime), 2.5);
  ExpHistogram took;
  took.record(0.25);
  batch.add(table.get(self::kDuration, {"node"}), took.view());
  Latest latest;
  latest.update("agent", batch);

  const auto all = Json::parse(series_json(latest, "", 100));
  EXPECT_EQ(all["series"].size(), 4U);
  EXPECT_EQ(all["truncated"], false);
  const auto one = Json::parse(series_json(latest, "plumbline.collector.runs", 1));
  EXPECT_EQ(one["truncated"], true);
  EXPECT_EQ(one["series"][0]["attributes"]["plumbline.collector.name"], "node");
  EXPECT_EQ(one["series"][0]["value"], 5);
  const auto histogram = Json::parse(series_json(latest, "plumbline.collector.duration", 1));
  EXPECT_EQ(histogram["series"][0]["value"]["count"], 1);
  EXPECT_NEAR(histogram["series"][0]["value"]["p50"].get<double>(), 0.25, 0.03);
}

TEST(CatalogJson, NamesEachMetricBothWays) {
  const std::array entries{CatalogueEntry{.collector = "agent", .metrics = self::kMetrics}};
  const auto json = Json::parse(catalog_json(entries));
  EXPECT_EQ(json["metrics"].size(), self::kMetrics.size());
  EXPECT_EQ(json["metrics"][0]["name"], "process.cpu.time");
  EXPECT_EQ(json["metrics"][0]["prometheus_name"], "process_cpu_time_seconds_total");
}

TEST(SelfMetrics, CountsWhatBecameOfEveryItem) {
  ManualClock clock;
  Log log(clock, -1, LogFormat::kText, LogLevel::kError);
  SelfMetrics metrics(clock, log);
  Batch batch;
  metrics.collect(one_destination(), batch);
  std::map<std::string, std::int64_t> items;
  bool resident = false;
  for (const auto& point : batch.points()) {
    const auto& spec = point.series->spec();
    if (spec.name == self::kItems.name) {
      items[std::string(point.series->attributes()[2].second)] = point.value.integer;
    }
    if (spec.name == self::kMemoryUsage.name) resident = point.value.integer > 1'000'000;
  }
  EXPECT_TRUE(resident);
  EXPECT_EQ(items["collected"], 10);
  EXPECT_EQ(items["delivered"], 4);
  EXPECT_EQ(items["rejected"], 1);
  EXPECT_EQ(items["dropped"], 2);
}

}  // namespace
}  // namespace plumbline
