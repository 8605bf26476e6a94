// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/slo_rules.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/quantity.h"
#include "agent/generate/promql.h"

namespace plumbline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Counted from the metrics themselves; longer windows add the first of these up.
constexpr std::array<seconds, 3> kRawWindows{minutes(5), minutes(30), hours(1)};
constexpr std::array<seconds, 2> kSummedWindows{hours(2), hours(6)};
constexpr std::string_view kBusiest = "slo:groups:calls1d";
constexpr std::array<seconds, 4> kQuickRatios{minutes(5), minutes(30), hours(1), hours(6)};
constexpr std::array<seconds, 3> kSlowRatios{hours(2), hours(24), hours(72)};
constexpr seconds kStep{minutes(5)};

// What of the last half hour must have been seen, or the objective is blind.
constexpr double kSeenAtLeast = 0.9;

Calendar calendar_of(const Indicator& indicator) {
  const auto* spec = indicator.named.spec;
  return spec == nullptr ? Calendar::kRolling : spec->calendar;
}

bool pages(const BurnTier& tier) {
  return tier.long_window <= hours(6);
}

class SloRules {
 public:
  SloRules(const ManifestCommon& common, const Indicator& indicator)
      : common_(common), indicator_(indicator), objective_(indicator.named.objective) {}

  std::vector<RuleGroup> groups() const {
    // A dashboard chooses by these.
    const RuleLabels labels{{"slo", indicator_.slo},
                            {"service", common_.name},
                            {"team", common_.owner},
                            {"namespace", common_.name_space}};
    RuleGroup quick{.name = indicator_.slo, .interval = seconds(30), .record_labels = labels};
    RuleGroup slow{
        .name = indicator_.slo + "-budget", .interval = minutes(2), .record_labels = labels};
    add_objective(quick);
    if (!indicator_.by.empty()) add_groups(quick);
    if (!indicator_.exclude.empty()) add_maintenance(quick);
    add_counts(quick);
    for (const auto window : kSummedWindows) add_sums(window, quick);
    for (const auto& tier : kBurnTiers) {
      if (!pages(tier)) add_sums(tier.long_window, slow);
      add_lower_bound(tier, pages(tier) ? quick : slow);
    }
    for (const auto window : kQuickRatios) add_ratio(window, quick);
    for (const auto window : kSlowRatios) add_ratio(window, slow);
    add_budget(slow);
    for (const auto& tier : kBurnTiers) {
      (pages(tier) ? quick : slow).alerts.push_back(burn_alert(tier));
    }
    slow.alerts.push_back(trickle_alert());
    quick.alerts.push_back(blind_alert());
    if (!indicator_.by.empty()) quick.alerts.push_back(groups_alert());
    return {std::move(quick), std::move(slow)};
  }

 private:
  std::string recorded(std::string_view name) const {
    return fmt::format("{}{{slo={}}}", name, quoted_text(indicator_.slo));
  }
  std::string sum(std::string_view which, seconds window) const {
    return recorded(fmt::format("slo:events_{}:sum{}", which, promql_duration(window)));
  }
  std::string period() const { return promql_duration(objective_.period); }

  // A range holds both its ends before Prometheus 3: a second less, and it holds as many samples
  // before as after.
  static std::string range(seconds window) { return promql_duration(window - seconds(1)); }

  void add_objective(RuleGroup& group) const {
    const auto target = static_cast<double>(objective_.target_ppm) / 1e6;
    const auto period = std::chrono::duration_cast<seconds>(objective_.period).count();
    group.records.push_back(
        {"slo:objective:ratio", fmt::format("vector({})", promql_number(target))});
    group.records.push_back({"slo:period:seconds", fmt::format("vector({})", period)});
  }

  // Those of the values of the labels that have the most events: all, or as many as the cap allows.
  // Of a whole day, so that nobody comes and goes with each lull.
  void add_groups(RuleGroup& group) const {
    group.records.push_back(
        {std::string(kBusiest), fmt::format("topk({}, {})", indicator_.max_groups, of_a_day())});
  }
  std::string of_a_day() const {
    return indicator_.counting == Indicator::Counting::kSlices
               ? fmt::format("count_over_time({}[1d:5m])", in_window(indicator_.all, "5m"))
               : in_window(indicator_.all, "1d");
  }
  std::string capped(const std::string& expr) const {
    if (indicator_.by.empty()) return expr;
    return fmt::format(
        "({})\nand on ({}) {}", expr, fmt::join(indicator_.by, ", "), recorded(kBusiest));
  }

  // 1 while a time counts for nothing. The five minutes behind it still see some of it.
  void add_maintenance(RuleGroup& group) const {
    std::vector<std::string> times;
    times.reserve(indicator_.exclude.size());
    for (const auto& one : indicator_.exclude) {
      times.push_back(fmt::format("(vector(time()) >= bool {}) * (vector(time()) < bool {})",
                                  one.from,
                                  one.to + kStep.count()));
    }
    group.records.push_back(
        {"slo:maintenance:bool", fmt::format("clamp_max({}, 1)", fmt::join(times, "\n+ "))});
  }
  std::string outside_maintenance(const std::string& expr) const {
    if (indicator_.exclude.empty()) return expr;
    return fmt::format("({})\n* on () group_left () (1 - {})",
                       expr,
                       fmt::format("max({})", recorded("slo:maintenance:bool")));
  }

  void add_counts(RuleGroup& group) const {
    const bool slices = indicator_.counting == Indicator::Counting::kSlices;
    if (slices) {
      group.records.push_back({"slo:slices_bad:count", in_window(indicator_.bad, "5m")});
      group.records.push_back({"slo:slices_all:count", in_window(indicator_.all, "5m")});
    }
    for (const auto window : kRawWindows) {
      // What a longer window sees of a maintenance would be seen long after it.
      if (!indicator_.exclude.empty() && window > kStep) {
        add_sums(window, group);
        continue;
      }
      for (const std::string which : {"bad", "all"}) {
        auto expr = which == "bad" ? indicator_.bad : indicator_.all;
        if (slices) {
          expr = fmt::format("sum_over_time({}[{}])",
                             recorded(fmt::format("slo:slices_{}:count", which)),
                             range(window));
        }
        group.records.push_back(
            {fmt::format("slo:events_{}:sum{}", which, promql_duration(window)),
             outside_maintenance(capped(in_window(expr, promql_duration(window))))});
      }
    }
    group.records.push_back(
        {"slo:seen:bool", fmt::format("(count({}) > bool 0) or vector(0)", indicator_.present)});
  }

  // Sums of counts, five minutes by five minutes: never a mean of ratios.
  void add_sums(seconds window, RuleGroup& group) const {
    for (const std::string which : {"bad", "all"}) {
      group.records.push_back({fmt::format("slo:events_{}:sum{}", which, promql_duration(window)),
                               fmt::format("sum_over_time({}[{}:{}])",
                                           sum(which, kStep),
                                           range(window),
                                           promql_duration(kStep))});
    }
  }

  void add_ratio(seconds window, RuleGroup& group) const {
    group.records.push_back({fmt::format("slo:error:ratio{}", promql_duration(window)),
                             fmt::format("{} / {}", sum("bad", window), sum("all", window))});
  }

  // The share of bad events in the long window is at least so much: Wilson's lower bound, z = 1.645
  // (z²/2 = 1.353, z²/4 = 0.6765, z² = 2.706).
  void add_lower_bound(const BurnTier& tier, RuleGroup& group) const {
    group.records.push_back(
        {fmt::format("slo:error_lower95:ratio{}", promql_duration(tier.long_window)),
         fmt::format("({0} + 1.353\n  - 1.645 * sqrt({0} * clamp_min(1 - {0} / {1}, 0) + 0.6765))\n"
                     "/ ({1} + 2.706)",
                     sum("bad", tier.long_window),
                     sum("all", tier.long_window))});
  }

  void add_budget(RuleGroup& group) const {
    add_sums(objective_.period, group);
    auto bad = sum("bad", objective_.period);
    auto all = sum("all", objective_.period);
    if (const auto calendar = calendar_of(indicator_); calendar != Calendar::kRolling) {
      const std::string_view name = calendar == Calendar::kMonth ? "month" : "quarter";
      for (auto* which : {&bad, &all}) {
        const auto record = fmt::format("slo:events_{}:{}", which == &bad ? "bad" : "all", name);
        group.records.push_back({record, since_it_began(calendar, which == &bad ? "bad" : "all")});
        *which = recorded(record);
      }
    }
    group.records.push_back(
        {"slo:error_budget_remaining:ratio",
         fmt::format("1 - {} / ({} * {})", bad, all, promql_number(objective_.budget()))});
    const auto steps = std::chrono::duration_cast<seconds>(objective_.period) / kStep;
    group.records.push_back({fmt::format("slo:covered:ratio{}", period()),
                             fmt::format("sum_over_time({}[{}:{}]) / {}",
                                         recorded("slo:seen:bool"),
                                         range(objective_.period),
                                         promql_duration(kStep),
                                         steps)});
  }

  // The sum since the month or quarter began. Months take turns in three, quarters in four, so that
  // a range as long as the longest of them never holds another one of the same turn. A step belongs
  // to where it began.
  std::string since_it_began(Calendar calendar, std::string_view which) const {
    const bool is_month = calendar == Calendar::kMonth;
    const int turns = is_month ? 3 : 4;
    std::vector<std::string> parts;
    for (int turn = 0; turn < turns; ++turn) {
      const auto now =
          is_month ? fmt::format("(month(vector(time() - 1)) % 3 == {})", turn)
                   : fmt::format("(floor((month(vector(time() - 1)) - 1) / 3) == {})", turn);
      parts.push_back(fmt::format("(sum_over_time(({0} and on () {1})[{2}:{3}]) and on () {1})",
                                  sum(which, kStep),
                                  now,
                                  is_month ? "31d" : "92d",
                                  promql_duration(kStep)));
    }
    return fmt::format("{}", fmt::join(parts, "\nor "));
  }

  AlertRule groups_alert() const {
    return {.name = alert_name(indicator_, "Groups"),
            .expr = fmt::format("count({}) > {}", of_a_day(), indicator_.max_groups),
            .wait = minutes(30),
            .labels = labels("groups", "warning"),
            .annotations = {
                {"summary", fmt::format("{} has more groups than are watched", spoken())},
                {"description",
                 fmt::format("There are {{{{ $value }}}} values of {}; the {} with the most events "
                             "have an objective, the others none.",
                             fmt::join(indicator_.by, ", "),
                             indicator_.max_groups)}}};
  }

  AlertRule burn_alert(const BurnTier& tier) const {
    const auto long_window = promql_duration(tier.long_window);
    const auto short_window = promql_duration(tier.short_window);
    const auto threshold = promql_number(burn_threshold(tier, objective_));
    // Data that vanishes must not resolve the alert: the last share that was known counts as long
    // as the long window still remembers. Idle is no share at all (0 / 0), and does resolve.
    return {.name = alert_name(indicator_, "Burn"),
            .expr = fmt::format("{} > {}\nand last_over_time({}[{}]) > {}\nand {} >= {}",
                                recorded("slo:error_lower95:ratio" + long_window),
                                threshold,
                                recorded("slo:error:ratio" + short_window),
                                long_window,
                                threshold,
                                sum("bad", tier.long_window),
                                promql_number(kMinBadEvents)),
            .linger = pages(tier) ? minutes(5) : minutes(0),
            .labels = labels(tier.name, pages(tier) ? page_severity(common_) : "warning"),
            .annotations =
                annotations(fmt::format("{} burns its error budget more than {:.3g} times too fast",
                                        spoken(),
                                        burn_factor(tier, objective_)),
                            tier.long_window)};
  }

  AlertRule trickle_alert() const {
    return {.name = alert_name(indicator_, "Trickle"),
            .expr = fmt::format("{0} * {5}{1}\n  >= {2} * {3}\nand {0} >= {4}",
                                sum("bad", kTrickleWindow),
                                recorded(fmt::format("slo:covered:ratio{}", period())),
                                promql_number(kTrickleShare * objective_.budget()),
                                sum("all", objective_.period),
                                promql_number(kMinBadEvents),
                                // Of all groups the same share was seen.
                                indicator_.by.empty() ? "" : "on (slo) group_left () "),
            .labels = labels("trickle", "warning"),
            .annotations =
                annotations(fmt::format("{} lost {:.0f} % of its error budget within three days",
                                        spoken(),
                                        kTrickleShare * 100),
                            kTrickleWindow)};
  }

  AlertRule blind_alert() const {
    return {
        .name = alert_name(indicator_, "Blind"),
        // The short window ends it once the measurements are there again.
        .expr = fmt::format("avg_over_time({0}[30m]) < {1}\nand avg_over_time({0}[5m]) < {1}",
                            recorded("slo:seen:bool"),
                            kSeenAtLeast),
        .wait = minutes(5),
        .labels = labels("blind", "warning"),
        .annotations = {
            {"summary", fmt::format("{} cannot be told: its measurements are missing", spoken())},
            {"description",
             "In the last half hour the metrics of this objective were there for only "
             "{{ $value | humanizePercentage }} of the time. An objective nobody measures is "
             "neither met nor missed; look whether the agent and its scrape work."}}};
  }

  std::string period_in_words() const {
    switch (calendar_of(indicator_)) {
      case Calendar::kMonth:
        return "this month";
      case Calendar::kQuarter:
        return "this quarter";
      case Calendar::kRolling:
        break;
    }
    return fmt::format("{} days", objective_.period.count() / 24);
  }

  std::string spoken() const {
    return fmt::format("{}: the objective {} ({} % over {})",
                       common_.name,
                       indicator_.named.name,
                       format_percent(objective_.target_ppm),
                       period_in_words());
  }

  RuleLabels labels(std::string_view tier, std::string severity) const {
    auto out = alert_labels(common_, std::move(severity));
    out.emplace_back("slo", indicator_.slo);
    out.emplace_back("slo_tier", std::string(tier));
    return out;
  }

  std::string asked(const std::string& expr, std::string_view form) const {
    return fmt::format(
        "{{{{ with {} }}}}{{{{ . | first | value | {} }}}}{{{{ else }}}}an "
        "unknown part{{{{ end }}}}",
        of_the_group(expr),
        form);
  }

  // The query of a template, for the group that the alert is about.
  std::string of_the_group(const std::string& expr) const {
    if (indicator_.by.empty()) return fmt::format("query {}", quoted_text(expr));
    const auto whole = fmt::format("{{slo={}}}", quoted_text(indicator_.slo));
    std::string matchers = fmt::format("{{slo={}", quoted_text(indicator_.slo));
    std::string values;
    for (std::size_t i = 0; i < indicator_.by.size(); ++i) {
      matchers += fmt::format(",{}=%[{}]q", indicator_.by[i], i + 1);
      values += fmt::format(" $labels.{}", indicator_.by[i]);
    }
    matchers += '}';
    auto text = expr;
    for (auto at = text.find(whole); at != std::string::npos;
         at = text.find(whole, at + matchers.size())) {
      text.replace(at, whole.size(), matchers);
    }
    return fmt::format("printf {}{} | query", quoted_text(text), values);
  }

  RuleLabels annotations(std::string summary, seconds window) const {
    const auto rate = recorded(fmt::format("slo:error:ratio{}", promql_duration(window)));
    // Nobody has less than nothing left; the record itself tells by how much it was overspent.
    const auto left = fmt::format("clamp_min({}, 0)", recorded("slo:error_budget_remaining:ratio"));
    const auto gone =
        fmt::format("{} * {} / {}",
                    left,
                    promql_number(objective_.budget() *
                                  static_cast<double>(seconds(objective_.period).count())),
                    rate);
    return {{"summary", std::move(summary)},
            {"description",
             fmt::format("In the last {} {} of {} events were bad: {}.",
                         promql_duration(window),
                         asked(sum("bad", window), "humanize"),
                         asked(sum("all", window), "humanize"),
                         indicator_.subject)},
            {"budget",
             fmt::format("{} of the error budget of {} is left.",
                         asked(left, "humanizePercentage"),
                         period_in_words())},
            {"exhaustion",
             fmt::format("At this rate the rest of it is gone in {}.",
                         asked(gone, "humanizeDuration"))}};
  }

  const ManifestCommon& common_;
  const Indicator& indicator_;
  Objective objective_;
};

}  // namespace

std::string alert_name(const Indicator& indicator, std::string_view what) {
  return fmt::format("Slo{}{}", camel_case(indicator.slo), what);
}

RuleLabels alert_labels(const ManifestCommon& common, std::string severity) {
  return {{"severity", std::move(severity)},
          {"team", common.owner},
          {"namespace", common.name_space},
          {"service", common.name}};
}

std::string page_severity(const ManifestCommon& common) {
  return common.tier <= 2 ? "critical" : "warning";
}

std::vector<RuleGroup> slo_rules(const ManifestCommon& common, const Indicator& indicator) {
  return SloRules(common, indicator).groups();
}

}  // namespace plumbline
