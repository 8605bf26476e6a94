// SPDX-License-Identifier: Apache-2.0
// Every metric this program can show, one series each, on one page: promtool has nothing to say.
#include <fcntl.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/core/fd.h"
#include "agent/runtime/catalogue.h"
#include "exporters/prometheus/snapshot_collectable.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporters/prometheus/promtool.h"

namespace plumbline {
namespace {

std::vector<const MetricSpec*> catalogue() {
  std::vector<const MetricSpec*> specs;
  for (const auto& entry : whole_catalogue()) {
    for (const auto& spec : entry.metrics) specs.push_back(&spec);
  }
  return specs;
}

TEST(Catalogue, IsAcceptedByPromtoolWithoutAWord) {
  SeriesTable table(1);
  Batch batch;
  batch.time = 1'000;
  for (const auto* spec : catalogue()) {
    const std::vector<AttributeValue> values(spec->attributes.size(), "value");
    const auto series = Series::make(*spec, values, 1);
    if (spec->instrument == Instrument::kHistogram) {
      batch.add(series, HistogramView{.count = 1, .sum = 0, .zero_count = 1});
    } else {
      batch.add(series, 1);
    }
  }
  Latest latest;
  latest.update("all", batch);
  const Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const ManualClock clock;
  Log log(clock, nowhere.get(), LogFormat::kText, LogLevel::kInfo);
  const Resource resource({{"host.name", "node-1"}}, "1");
  const auto page = render_prometheus(SnapshotCollectable(latest, resource, log));
  EXPECT_EQ(log.warnings(), 0U) << "two metrics have one Prometheus name";
  const auto complaints = promtool_complaints(page);
  if (!complaints) GTEST_SKIP() << "no promtool on this machine";
  EXPECT_EQ(*complaints, "");
}

TEST(Catalogue, HasNoTwoAttributesOfAMetricInOneLabel) {
  for (const auto* spec : catalogue()) {
    std::set<std::string> labels;
    for (const auto key : spec->attributes) {
      if (key.empty()) continue;
      EXPECT_TRUE(labels.insert(prometheus_label(key)).second) << spec->name << " " << key;
    }
  }
}

// Whatever its type, the name belongs to one metric, also among the names a histogram takes.
TEST(Catalogue, GivesEachPrometheusNameOnce) {
  std::set<std::string> names;
  for (const auto* spec : catalogue()) {
    const auto name = prometheus_name(*spec);
    EXPECT_TRUE(names.insert(name).second) << name;
    if (spec->instrument != Instrument::kHistogram) continue;
    for (const auto* suffix : {"_bucket", "_sum", "_count"}) {
      EXPECT_TRUE(names.insert(name + suffix).second) << name << suffix;
    }
  }
}

}  // namespace
}  // namespace plumbline
