// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/rule_tests.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "agent/generate/promql.h"
#include "agent/generate/rule_file.h"
#include "agent/generate/slo_rules.h"

namespace plumbline {
namespace {

using Data = Stretch::Data;
using Role = TestSeries::Role;

constexpr std::string_view kFiring =
    R"(count by (alertname, slo_tier) (ALERTS{alertstate="firing"}))";
constexpr std::string_view kPaged = R"(count(ALERTS{alertstate="firing",slo_tier="fast"}))";

struct Sample {
  std::string labels;
  std::string value;
};

std::string test_head(std::string_view name) {
  return fmt::format("  - name: {}\n    interval: 1m\n    input_series:\n", name);
}

std::string input(const std::string& series, const std::string& values) {
  return fmt::format(
      "      - series: {}\n        values: {}\n", quoted_text(series), quoted_text(values));
}

std::string expectation(std::string_view expr, int minute, const std::vector<Sample>& samples) {
  auto out = fmt::format("      - expr: {}\n        eval_time: {}m\n        exp_samples:{}\n",
                         quoted_text(expr),
                         minute,
                         samples.empty() ? " []" : "");
  for (const auto& sample : samples) {
    out += fmt::format(
        "          - {{labels: {}, value: {}}}\n", quoted_text(sample.labels), sample.value);
  }
  return out;
}

std::string file_head(const std::string& service, const std::string& rules) {
  return generated_header(service) +
         fmt::format("rule_files: [{}]\nevaluation_interval: 1m\ntests:\n", quoted_text(rules));
}

// The values of one series over the whole scenario, in promtool's notation.
std::string values_of(const TestSeries& series, const std::vector<Stretch>& stretches) {
  const bool counts = series.role != Role::kState;
  std::string out = counts ? "0" : series.good;
  double value = 0;
  for (const auto& stretch : stretches) {
    const bool gone = stretch.data == Data::kGone ||
                      (stretch.data == Data::kNoBadSeries && series.role == Role::kBad);
    const double grows = series.role == Role::kBad    ? stretch.bad
                         : series.role == Role::kGood ? stretch.all - stretch.bad
                                                      : stretch.all;
    if (stretch.data == Data::kRestart) value = 0;
    if (gone) {
      if (out == "0") out = "_";  // never was there
      out += fmt::format(" _x{}", stretch.minutes);
    } else if (!counts) {
      out += fmt::format(" {}x{}", stretch.bad > 0 ? series.bad : series.good, stretch.minutes - 1);
    } else {
      out += fmt::format(" {:.0f}+{:.0f}x{}", value + grows, grows, stretch.minutes - 1);
      value += grows * stretch.minutes;
    }
  }
  return out;
}

class SloTests {
 public:
  SloTests(const Indicator& indicator, const TestPlan& plan, std::string head)
      : indicator_(indicator),
        plan_(plan),
        slices_(indicator.counting == Indicator::Counting::kSlices),
        out_(std::move(head)) {}

  std::string text() {
    healthy();
    outage();
    leak();
    if (!slices_) {
      idle();
      restart();
    }
    if (has_bad_counter()) unborn();
    vanished();
    vanished_in_an_outage();
    return std::move(out_);
  }

 private:
  Stretch good(int minutes, Data data = Data::kThere) const {
    return {.minutes = minutes, .all = plan_.pace, .bad = 0, .data = data};
  }
  Stretch outage_of(int minutes) const {
    return {.minutes = minutes, .all = plan_.pace, .bad = plan_.pace};
  }

  bool has_bad_counter() const {
    return std::ranges::find(indicator_.test_series, Role::kBad, &TestSeries::role) !=
           indicator_.test_series.end();
  }

  void begin(std::string_view name, const std::vector<Stretch>& stretches) {
    out_ += test_head(name);
    for (const auto& series : indicator_.test_series) {
      out_ += input(series.series, values_of(series, stretches));
    }
    out_ += "    promql_expr_test:\n";
  }

  Sample firing(std::string_view alert, std::string_view tier) const {
    return {fmt::format(R"({{alertname="{}",slo_tier="{}"}})", alert_name(indicator_, alert), tier),
            "1"};
  }

  void expect_firing(const TestPlan::Seen& seen) {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < kBurnTiers.size(); ++i) {
      if (seen.tiers.test(i)) samples.push_back(firing("Burn", kBurnTiers.at(i).name));
    }
    // promtool compares samples in the order of their labels.
    std::ranges::sort(samples, {}, &Sample::labels);
    if (seen.tiers.test(kTrickleTier)) samples.push_back(firing("Trickle", "trickle"));
    out_ += expectation(kFiring, seen.minute, samples);
  }
  void expect_calm(int minute) { out_ += expectation(kFiring, minute, {}); }

  void expect_full_budget(int minute) {
    const auto slo = fmt::format("{{slo={}}}", quoted_text(indicator_.slo));
    const auto left = fmt::format("sum by (slo) (slo:error_budget_remaining:ratio{})", slo);
    out_ += expectation(left, minute, {{slo, "1"}});
  }

  void healthy() {
    begin("healthy", {good(kCalm * 2)});
    expect_calm(kCalm);
    expect_calm(kCalm * 2);
    expect_full_budget(kCalm * 2);
  }

  void outage() {
    begin("outage and recovery", {good(kCalm), outage_of(plan_.over - kCalm), good(kCalm * 3)});
    expect_calm(kCalm);
    out_ += expectation(kPaged, plan_.paged + 2, {{"{}", "1"}});
    if (plan_.recovered) expect_firing(*plan_.recovered);
  }

  // A tier behind the page notices it.
  void leak() {
    if (!plan_.leaked) return;
    begin("slow leak", plan_.leak);
    expect_firing(*plan_.leaked);
  }

  void idle() {
    begin("idle", {good(kCalm), {.minutes = kCalm}});
    expect_calm(kCalm * 2);
    expect_full_budget(kCalm * 2);
  }

  void restart() {
    begin("counter reset", {good(kCalm), good(kCalm, Data::kRestart)});
    expect_calm(kCalm * 2);
    expect_full_budget(kCalm * 2);
  }

  // The first value of a series is no increase, hence a minute more.
  void unborn() {
    begin("series of bad events is not born yet",
          {good(kCalm, Data::kNoBadSeries), outage_of(kCalm)});
    expect_calm(kCalm);
    expect_full_budget(kCalm);
    out_ += expectation(kPaged, plan_.paged + 3, {{"{}", "1"}});
  }

  void vanished() {
    begin("measurements vanish", {good(kCalm), {.minutes = kCalm, .data = Data::kGone}});
    out_ += expectation(kFiring, kCalm * 2 - 10, {firing("Blind", "blind")});
  }

  void vanished_in_an_outage() {
    begin("measurements vanish in an outage",
          {good(kCalm), outage_of(plan_.over - kCalm), {.minutes = kCalm, .data = Data::kGone}});
    out_ += expectation(kPaged, plan_.over + 20, {{"{}", "1"}});
  }

  const Indicator& indicator_;
  const TestPlan& plan_;
  bool slices_;
  std::string out_;
};

constexpr std::string_view kAbsent = "_";

// One value a minute for so many minutes: "5x9", of a counter "+10x9", of nothing "_x10".
std::string repeated(const std::string& value, int minutes) {
  if (value == kAbsent) return fmt::format("_x{}", minutes);
  return fmt::format("{}x{}", value.starts_with('+') ? "0" + value : value, minutes - 1);
}

class LimitTests {
 public:
  explicit LimitTests(const LimitAlert& alert)
      : alert_(alert),
        over_(kCalm + 10 +
              static_cast<int>(
                  std::chrono::duration_cast<std::chrono::minutes>(alert.rule.wait).count())) {}

  std::string text() {
    outage();
    nothing();
    unborn();
    reset();
    return std::move(out_);
  }

 private:
  // The first series is what the alert is about; `values` are those of it.
  void begin(std::string_view name, const std::string& values, bool others_change) {
    out_ +=
        test_head(name.empty() ? alert_.rule.name : fmt::format("{}, {}", alert_.rule.name, name));
    for (const auto& series : alert_.inputs) {
      const bool first = &series == &alert_.inputs.front();
      out_ += input(series.series,
                    first ? values : course(series.good, others_change ? series.bad : series.good));
    }
    out_ += "    promql_expr_test:\n";
  }

  std::string course(const std::string& good, const std::string& bad) const {
    return fmt::format("{} {} {}",
                       repeated(good, kCalm),
                       repeated(bad, over_ - kCalm),
                       repeated(good, end() - over_));
  }

  void expect(int minute, bool fires) {
    const auto expr = fmt::format("count by (alertname) (ALERTS{{alertstate=\"firing\"}})");
    std::vector<Sample> samples;
    if (fires) samples.push_back({fmt::format("{{alertname=\"{}\"}}", alert_.rule.name), "1"});
    out_ += expectation(expr, minute, samples);
  }

  int end() const { return over_ + 20; }

  // Healthy, then the limit passed, then healthy again.
  void outage() {
    const auto& subject = alert_.inputs.front();
    begin("", course(subject.good, subject.bad), true);
    expect(kCalm - 1, false);
    expect(over_ - 1, true);
    expect(end() - 1, false);
  }

  void nothing() {
    begin("never measured", repeated(std::string(kAbsent), end()), false);
    expect(kCalm - 1, false);
    expect(end() - 1, false);
  }

  // What is wrong from the first value on. Of a counter that is one event, whose alert is over ten
  // minutes later; it is only told from an old one where something else says that nobody is new.
  void unborn() {
    const auto& subject = alert_.inputs.front();
    if (subject.bad == kAbsent || (counts() && alert_.inputs.size() == 1)) return;
    const auto bad = counts() ? std::string("7") : subject.bad;
    begin("born with the trouble",
          fmt::format("{} {} {}",
                      repeated(std::string(kAbsent), kCalm),
                      repeated(bad, over_ - kCalm),
                      repeated(counts() ? bad : subject.good, end() - over_)),
          true);
    expect(kCalm - 1, false);
    expect(over_ - 2, true);
    expect(end() - 1, false);
  }

  void reset() {
    if (!counts()) return;
    begin("counter reset", fmt::format("7x{} 0x{}", kCalm - 1, end() - kCalm - 1), false);
    expect(kCalm + 1, false);
    expect(end() - 1, false);
  }

  bool counts() const { return alert_.inputs.front().good.starts_with('+'); }

  const LimitAlert& alert_;
  int over_;  // the minute at which all is well again
  std::string out_;
};

}  // namespace

std::string slo_tests(const std::string& service,
                      const Indicator& indicator,
                      TestPlans& plans,
                      const std::string& rules) {
  const auto events = indicator.counting == Indicator::Counting::kSlices
                          ? TestPlans::Events::kOneAMinute
                          : TestPlans::Events::kMany;
  const auto& plan = plans.of(indicator.named.objective, events);
  return SloTests(indicator, plan, file_head(service, rules)).text();
}

std::string limit_tests(const std::string& service,
                        const std::vector<LimitAlert>& alerts,
                        const std::string& rules) {
  auto out = file_head(service, rules);
  for (const auto& alert : alerts) out += LimitTests(alert).text();
  return out;
}

}  // namespace plumbline
