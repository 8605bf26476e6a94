// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/manifest/fields.h"
#include "agent/manifest/promql_text.h"
#include "agent/manifest/read.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

LoadedManifests read(const std::string& text) {
  LoadedManifests loaded;
  read_manifests(std::make_shared<const Source>(Source{Source::Kind::kFile, "slo.yaml", text}),
                 loaded);
  sort_problems(loaded.problems);
  return loaded;
}

const SloSpec& first_slo(const LoadedManifests& loaded) {
  return loaded.manifests.at(0).common().slos.at(0);
}

constexpr const char* kSloth = R"yaml(version: "prometheus/v1"
service: "My Service"
labels: {owner: "team-a"}
slos:
  - name: "requests-availability"
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
    alerting: {name: X, page_alert: {labels: {severity: page}}}
)yaml";

TEST(Import, TakesSlothsEventsAsCounts) {
  const auto loaded = read(kSloth);
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  ASSERT_EQ(loaded.manifests.size(), 1U);
  EXPECT_EQ(loaded.manifests[0].common().name, "my-service");
  EXPECT_EQ(loaded.manifests[0].common().owner, "team-a");
  EXPECT_EQ(first_slo(loaded).name, "requests-availability");
  EXPECT_EQ(first_slo(loaded).target, 999'000U);
  EXPECT_EQ(first_slo(loaded).bad,
            "sum(increase(http_requests_total{code=~\"(5..|429)\"}[$window]))");
  EXPECT_EQ(first_slo(loaded).total, "sum(increase(http_requests_total[$window]))");
}

TEST(Import, TakesSlothsResource) {
  const auto loaded = read(R"(apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: x, namespace: shop}
spec:
  service: cart
  slos:
    - name: errors
      objective: 99
      sli: {events: {errorQuery: 'sum(rate(e[{{.window}}]))', totalQuery: 'sum(rate(a[{{.window}}]))'}}
)");
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.manifests.at(0).common().name_space, "shop");
  EXPECT_EQ(first_slo(loaded).bad, "sum(increase(e[$window]))");
}

TEST(Import, RefusesWithItsLineWhatCannotBeSaid) {
  const auto raw = render(read(R"(version: prometheus/v1
service: a
slos:
  - name: b
    objective: 99
    sli:
      raw:
        error_ratio_query: x
)")
                              .problems);
  EXPECT_THAT(raw, HasSubstr("slo.yaml:7:7: error: a ratio cannot be added up"));
  auto disabled = std::string(kSloth);
  disabled.replace(disabled.find("{labels: {severity: page}}"), 26, "{disable: true}");
  EXPECT_THAT(render(read(disabled).problems), HasSubstr("slo.yaml:11:"));
  auto hundred = std::string(kSloth);
  hundred.replace(hundred.find("99.9"), 4, "100");
  EXPECT_THAT(render(read(hundred).problems), HasSubstr("slo.yaml:6:16: error: target"));
}

TEST(Import, RefusesQueriesThatCountNothing) {
  EXPECT_EQ(counting_query("sum(irate(x[5m]))"), std::nullopt);
  EXPECT_EQ(counting_query("avg(rate(x[5m]))"), std::nullopt);
  EXPECT_EQ(counting_query("sum(x"), std::nullopt);
  EXPECT_EQ(counting_query("a / b"), std::nullopt);
  EXPECT_EQ(counting_query("x{a=\"b\"}"), "sum(increase(x{a=\"b\"}[$window]))");
  EXPECT_EQ(counting_query("sum(x)"), "sum(increase(x[$window]))");
  EXPECT_EQ(counting_query("sum(rate(x{rate=\"rate\"}[5m])) "),
            "sum(increase(x{rate=\"rate\"}[$window]))");
}

std::string pyrra(const std::string& indicator, const std::string& more = "  window: 4w\n") {
  return "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n"
         "metadata: {name: api, namespace: shop, labels: {pyrra.dev/team: a}}\nspec:\n"
         "  target: \"99.5\"\n" +
         more + "  indicator:\n" + indicator;
}

TEST(Import, TakesPyrrasIndicators) {
  const auto ratio =
      read(pyrra("    ratio: {errors: {metric: 'e{code=~\"5..\"}'}, total: {metric: e}, grouping: "
                 "[route]}\n"));
  EXPECT_THAT(render(ratio.problems), IsEmpty());
  EXPECT_EQ(first_slo(ratio).bad, "sum by (route)(increase(e{code=~\"5..\"}[$window]))");
  EXPECT_THAT(first_slo(ratio).by, testing::ElementsAre("route"));
  EXPECT_EQ(first_slo(ratio).window, std::chrono::hours(28 * 24));
  EXPECT_EQ(ratio.manifests[0].common().owner, "a");
  const auto latency = read(
      pyrra("    latency: {success: {metric: 'd_bucket{le=\"1\"}'}, total: {metric: d_count}}\n"));
  EXPECT_EQ(first_slo(latency).good, "sum(increase(d_bucket{le=\"1\"}[$window]))");
  EXPECT_EQ(first_slo(latency).total, "sum(increase(d_count[$window]))");
  const auto native = read(pyrra("    latencyNative: {latency: 500ms, total: {metric: d}}\n"));
  EXPECT_THAT(render(native.problems), IsEmpty());
  EXPECT_THAT(first_slo(native).good,
              HasSubstr("histogram_fraction(0, 0.5, increase(d[$window]))"));
  const auto gauge = read(pyrra("    bool_gauge: {metric: up}\n"));
  EXPECT_EQ(first_slo(gauge).good, "sum(sum_over_time(up[$window]))");
}

TEST(Import, RefusesPyrrasWindowsThatAreTooShort) {
  const auto text =
      render(read(pyrra("    bool_gauge: {metric: up}\n", "  window: 2w\n")).problems);
  EXPECT_THAT(text, HasSubstr("slo.yaml:6:11: error: window"));
  EXPECT_THAT(text, HasSubstr("too small"));
}

TEST(Import, RefusesPyrrasDisabledAlerts) {
  EXPECT_THAT(
      render(
          read(pyrra("    bool_gauge: {metric: up}\n", "  alerting: {absent: false}\n")).problems),
      HasSubstr("slo.yaml:6:22: error: an objective here has its alerts"));
}

std::string openslo(const std::string& indicator, const std::string& rest) {
  return "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: latency}\nspec:\n"
         "  service: shop\n" +
         indicator + rest;
}
constexpr const char* kRatio =
    "  indicator: {metadata: {name: i}, spec: {ratioMetric: {counter: true,\n"
    "    good: {metricSource: {type: Prometheus, spec: {query: 'sum(g{a=\"b\"})'}}},\n"
    "    total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(t[5m]))'}}}}}}\n";
constexpr const char* kOccurrences =
    "  timeWindow: [{duration: 4w, isRolling: true}]\n  budgetingMethod: Occurrences\n"
    "  objectives: [{displayName: Good, target: 0.995}]\n";

TEST(Import, TakesAnOpenSloRatio) {
  const auto loaded = read(openslo(kRatio, kOccurrences));
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.manifests.at(0).common().name, "shop");
  EXPECT_EQ(first_slo(loaded).name, "latency");
  EXPECT_EQ(first_slo(loaded).target, 995'000U);
  EXPECT_EQ(first_slo(loaded).good, "sum(increase(g{a=\"b\"}[$window]))");
  EXPECT_EQ(first_slo(loaded).total, "sum(increase(t[$window]))");
}

TEST(Import, TakesAnOpenSloThresholdCalendarAndSlices) {
  const auto threshold = read(openslo(
      "  indicator: {metadata: {name: i}, spec: {thresholdMetric: {metricSource: {type: P, spec:\n"
      "    {query: max(age)}}}}}\n",
      "  timeWindow: [{duration: 1M, isRolling: false, calendar: {startTime: x, timeZone: UTC}}]\n"
      "  budgetingMethod: Timeslices\n"
      "  objectives: [{op: lte, value: 60, targetPercent: 99, timeSliceTarget: 1.0,\n"
      "                timeSliceWindow: 1m}]\n"));
  EXPECT_THAT(render(threshold.problems), IsEmpty());
  EXPECT_EQ(first_slo(threshold).bad_when, "(max(age)) > bool 60");
  EXPECT_EQ(first_slo(threshold).calendar, Calendar::kMonth);
  const auto slices = read(openslo(kRatio,
                                   "  budgetingMethod: Timeslices\n"
                                   "  objectives: [{targetPercent: 99, timeSliceTarget: 0.95}]\n"));
  EXPECT_THAT(render(slices.problems), IsEmpty());
  EXPECT_EQ(first_slo(slices).slice_target, 950'000U);
}

TEST(Import, FindsTheSliOfAnOpenSloInTheFile) {
  const auto text = openslo("  indicatorRef: i\n", kOccurrences);
  EXPECT_THAT(render(read(text).problems), HasSubstr("there is no SLI \"i\" in this file"));
  const auto loaded = read(
      "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: i}\nspec: {ratioMetric: {counter: "
      "true,\n"
      "  bad: {metricSource: {spec: {query: b}}}, total: {metricSource: {spec: {query: t}}}}}\n"
      "---\n" +
      text);
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  EXPECT_EQ(first_slo(loaded).bad, "sum(increase(b[$window]))");
}

TEST(Import, RefusesWhatOpenSloHasAndWeHaveNot) {
  const auto told = [](const std::string& rest) {
    return render(read(openslo(kRatio, rest)).problems);
  };
  EXPECT_THAT(told("  objectives: [{target: 1}]\n"), HasSubstr("too big"));
  EXPECT_THAT(told("  objectives: [{target: 0.9, targetPercent: 9}]\n"), HasSubstr("or two"));
  EXPECT_THAT(told("  budgetingMethod: RatioTimeslices\n  objectives: [{target: 0.99}]\n"),
              HasSubstr("slo.yaml:9:20"));
  EXPECT_THAT(told("  timeWindow: [{duration: 1M, isRolling: true}]\n"
                   "  objectives: [{target: 0.99}]\n"),
              HasSubstr("a month does not roll"));
  EXPECT_THAT(
      told("  timeWindow: [{duration: 1M, isRolling: false, calendar: {timeZone: Asia/X}}]\n"
           "  objectives: [{target: 0.99}]\n"),
      HasSubstr("midnight UTC"));
  EXPECT_THAT(told("  alertPolicies: [a]\n  objectives: [{target: 0.99}]\n"),
              HasSubstr("warning: what alertPolicies asks for"));
  EXPECT_THAT(render(read("apiVersion: openslo/v2alpha\nkind: SLO\n").problems),
              HasSubstr("only SLOs of openslo/v1"));
}

TEST(Import, PutsTheObjectivesOfAServiceTogether) {
  const TempDir dir;
  dir.write("a.yaml", openslo(kRatio, kOccurrences));
  auto other = openslo(kRatio, kOccurrences);
  other.replace(other.find("name: latency"), 13, "name: errors");
  dir.write("b.yaml", other);
  const auto loaded = load_manifests({dir.path().string()});
  EXPECT_THAT(render(loaded.problems), IsEmpty());
  ASSERT_EQ(loaded.manifests.size(), 1U);
  EXPECT_EQ(loaded.manifests[0].common().slos.size(), 2U);
  EXPECT_TRUE(loaded.manifests[0].places.contains("manifest.spec.slos[1].target"));
  dir.write("c.yaml", other);
  EXPECT_THAT(render(load_manifests({dir.path().string()}).problems),
              HasSubstr("the name \"shop-errors\" is taken"));
}

TEST(Promql, KnowsMetricsFromFunctionsLabelsAndWords) {
  EXPECT_THAT(promql_metrics("sum by (a) (increase(x_total{b=~\"c{}\"}[$window])) or on (d) 0 * y"),
              testing::ElementsAre("x_total", "y"));
  EXPECT_THAT(promql_functions("sum by (a) (rate(x[5m]))"), testing::ElementsAre("sum", "rate"));
}

TEST(Promql, FindsBracketsAndQuotesThatDoNotFit) {
  EXPECT_THAT(promql_complaint("sum(x{a=\"}\"}[5m])"), IsEmpty());
  EXPECT_THAT(promql_complaint("sum(x"), HasSubstr("missing: )"));
  EXPECT_THAT(promql_complaint("sum(x]"), HasSubstr("too many"));
  EXPECT_THAT(promql_complaint("x{a=\"b}"), HasSubstr("quote"));
}

}  // namespace
}  // namespace plumbline
