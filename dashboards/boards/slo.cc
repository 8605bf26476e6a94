// SPDX-License-Identifier: Apache-2.0
#include "dashboards/board.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

// What the generated rules record; a test holds these names to them.
constexpr std::string_view kTarget = "slo:objective:ratio";
constexpr std::string_view kPeriod = "slo:period:seconds";
constexpr std::string_view kLeft = "slo:error_budget_remaining:ratio";
constexpr std::string_view kHour = "slo:error:ratio1h";
constexpr std::string_view kSixHours = "slo:error:ratio6h";
constexpr std::string_view kFiveMinutes = "slo:error:ratio5m";
constexpr std::string_view kEvents = "slo:events_all:sum5m";
constexpr std::string_view kBadEvents = "slo:events_bad:sum5m";
constexpr std::string_view kSeen = "slo:seen:bool";
constexpr std::string_view kAlerts = "ALERTS";
constexpr std::string_view kNoObjectives =
    "No objective is recorded here: load the generated rules into this Prometheus";

// The factor of the first tier at 30 days: Site Reliability Workbook, table 5-8.
constexpr double kPageBurn = 14.4;

const Keys kWho{"slo", "service", "team"};

class SloBoard {
 public:
  Board board() const {
    return {
        .id = BoardId::kSlo,
        .title = "Plumbline / Objectives",
        .description =
            "Start here. Every objective: what is left of its error budget, how fast it burns, "
            "which alert fires. Click on an objective to see only it.",
        .variables = {{"team", "Team", std::string(kTarget), "team"},
                      {"service", "Service", R"(slo:objective:ratio{team=~"$team"})", "service"},
                      {"slo",
                       "Objective",
                       R"(slo:objective:ratio{team=~"$team",service=~"$service"})",
                       "slo"}},
        .marks = {{.name = "Alerts",
                   .expr = firing(),
                   .title = "{{alertname}}",
                   .text = "{{service}} {{slo_tier}}"}},
        .rows = {now(), objectives(), course(), evidence()}};
  }

 private:
  std::string of(std::string_view record) const { return scope_.recorded(record); }
  std::string firing() const { return scope_.with("alertstate", "firing").recorded(kAlerts); }
  // How many times faster than allowed the budget goes: 1 uses it up exactly in its period.
  std::string burn(std::string_view record) const {
    return of(record) + " / (1 - " + of(kTarget) + ")";
  }
  std::string time_left() const {
    return "clamp_min(" + of(kLeft) + ", 0) * (1 - " + of(kTarget) + ") * " + of(kPeriod) + " / (" +
           of(kHour) + " > 0)";
  }
  static Reading burn_reading() {
    return {.unit = "none", .steps = {{1, Colour::kYellow}, {kPageBurn, Colour::kRed}}};
  }
  static Reading budget_reading() {
    return {.unit = kShareUnit,
            .lowest = Colour::kRed,
            .steps = {{0.1, Colour::kYellow}, {0.5, Colour::kGreen}},
            .min = std::nullopt,
            .max = 1};
  }

  Row now() const {
    return {.title = "Now",
            .panels = {
                {.kind = PanelKind::kStat,
                 .title = "Alerts firing",
                 .description = "Alerts of these objectives that fire now. Good: none.",
                 .queries = {{"sum(" + firing() + ")", "alerts"}},
                 .reading = {.unit = kCountUnit, .steps = {{1, Colour::kRed}}},
                 .no_data = "None",
                 .next = {BoardId::kPipeline},
                 .width = 6},
                {.kind = PanelKind::kStat,
                 .title = "Least budget left",
                 .description =
                     "The objective with the least error budget left, of its whole period. Good: "
                     "more than half; below zero the objective is missed.",
                 .queries = {{"bottomk(1, " + of(kLeft) + ")", "{{slo}}"}},
                 .reading = budget_reading(),
                 .no_data = std::string(kNoObjectives),
                 .next = {BoardId::kSlo, {{"slo", "slo"}}},
                 .width = 6},
                {.kind = PanelKind::kStat,
                 .title = "Fastest burn of the last hour",
                 .description =
                     "How many times faster than allowed errors use up the budget; 1 uses it up "
                     "just in its period, 14.4 within two days. Good: below 1.",
                 .queries = {{"topk(1, " + burn(kHour) + ")", "{{slo}}"}},
                 .reading = burn_reading(),
                 .no_data = "None: nothing happened in the last hour, neither good nor bad",
                 .next = {BoardId::kSlo, {{"slo", "slo"}}},
                 .width = 6},
                {.kind = PanelKind::kStat,
                 .title = "Blind objectives",
                 .description =
                     "Objectives whose metrics were missing for a tenth of the last half hour: "
                     "neither met nor missed. Good: 0; else look whether agents and scrapes work.",
                 .queries = {{"sum(avg_over_time(" + of(kSeen) + "[30m]) < bool 0.9)", "blind"}},
                 .reading = {.unit = kCountUnit, .steps = {{1, Colour::kRed}}},
                 .no_data = std::string(kNoObjectives),
                 .next = {BoardId::kAgent},
                 .width = 6}}};
  }

  Row objectives() const {
    return {
        .title = "Objectives",
        .panels = {
            {.kind = PanelKind::kTable,
             .title = "Every objective",
             .description =
                 "Budget left of the period, burn rate (1 uses it up just in time) of the last "
                 "hour and six hours, and when the budget is gone at the last hour's pace. Good: "
                 "budget above 50 %, burn below 1, no time in the last column.",
             .queries = {{sum(of(kTarget), kWho)},
                         {sum(of(kLeft), kWho)},
                         {sum(burn(kHour), kWho)},
                         {sum(burn(kSixHours), kWho)},
                         {sum(time_left(), kWho)}},
             .reading = {.unit = kCountUnit},
             .no_data = std::string(kNoObjectives),
             .next = {BoardId::kSlo, {{"slo", "slo"}}},
             .width = 24,
             .columns = {{"service", "Service"},
                         {"slo", "Objective"},
                         {"Value #A", "Target", Reading{.unit = kShareUnit}},
                         {"Value #B", "Budget left", budget_reading()},
                         {"Value #C", "Burn, 1 h", burn_reading()},
                         {"Value #D", "Burn, 6 h", burn_reading()},
                         {"Value #E", "Gone in", Reading{.unit = kSecondsUnit}},
                         {"team", "Team"}}},
            {.kind = PanelKind::kTable,
             .title = "Alerts that fire",
             .description =
                 "Each alert of these teams and services with its severity. Good: an empty list. "
                 "The annotations of the alert say what to do first.",
             .queries = {{max(Scope({{"alertstate", "firing"},
                                     {"team", "$team", "=~"},
                                     {"service", "$service", "=~"}})
                                  .recorded(kAlerts),
                              {"alertname", "severity", "service", "slo_tier", "team"})}},
             .reading = {.unit = kCountUnit},
             .no_data = "None",
             .next = {BoardId::kPipeline},
             .width = 24,
             .columns = {{"severity", "Severity"},
                         {"alertname", "Alert"},
                         {"service", "Service"},
                         {"slo_tier", "Tier"},
                         {"team", "Team"}}}}};
  }

  Row course() const {
    return {.title = "How it went",
            .panels = {
                {.title = "Error budget left",
                 .description =
                     "The share of the period's error budget that is left. Good: it falls no "
                     "faster than the period passes; a step is an incident.",
                 .queries = {{of(kLeft), "{{slo}}"}},
                 .reading = budget_reading(),
                 .no_data = std::string(kNoObjectives),
                 .next = {BoardId::kSlo, {{"slo", "slo"}}}},
                {.title = "Burn rate of the last hour",
                 .description =
                     "Times faster than allowed. Good: below 1. At 14.4 for an hour an alert "
                     "pages: two days of it use up a month's budget.",
                 .queries = {{burn(kHour), "{{slo}}"}},
                 .reading = burn_reading(),
                 .no_data = "None: nothing happened in this time, neither good nor bad",
                 .next = {BoardId::kSlo, {{"slo", "slo"}}}},
                {.title = "Share of bad events",
                 .description = "Bad events of all events, five minutes at a time: the number an "
                                "objective is about. Good: below 1 minus the target.",
                 .queries = {{of(kFiveMinutes), "{{slo}}"}},
                 .reading = {.unit = kShareUnit, .max = 1},
                 .no_data = "None: nothing happened in this time, neither good nor bad",
                 .next = {BoardId::kClickhouse}},
                {.kind = PanelKind::kStates,
                 .title = "Alerts by tier",
                 .description =
                     "When which tier of which objective fired. Good: empty. Fast pages within "
                     "minutes, trickle takes days.",
                 .queries = {{max(firing(), {"slo", "slo_tier"}), "{{slo}} {{slo_tier}}"}},
                 .reading = {.unit = "none", .meanings = {{1, "fires", Colour::kRed}}},
                 .no_data = "None",
                 .next = {BoardId::kSlo, {{"slo", "slo"}}}}}};
  }

  Row evidence() const {
    return {
        .title = "What it rests on",
        .fold = Fold::kClosed,
        .panels = {
            {.title = "Events",
             .description =
                 "All events that objectives were measured by in five minutes; few events make a "
                 "share jump. Good: the traffic you expect.",
             .queries = {{of(kEvents), "{{slo}}"}},
             .reading = {.unit = kCountUnit},
             .no_data = std::string(kNoObjectives),
             .next = {BoardId::kPipeline}},
            {.title = "Bad events",
             .description =
                 "The bad ones of them. Good: 0. An alert needs a few, however bad their share.",
             .queries = {{of(kBadEvents), "{{slo}}"}},
             .reading = {.unit = kCountUnit},
             .no_data = std::string(kNoObjectives),
             .next = {BoardId::kPipeline}},
            {.kind = PanelKind::kStates,
             .title = "When objectives were measured",
             .description =
                 "Whether the metrics of each objective were there. Good: always; a gap is time "
                 "that counts neither as good nor as bad.",
             .queries = {{of(kSeen), "{{slo}}"}},
             .reading = {.unit = "none",
                         .meanings = {{0, "blind", Colour::kRed}, {1, "seen", Colour::kGreen}}},
             .no_data = std::string(kNoObjectives),
             .next = {BoardId::kAgent},
             .width = 24}}};
  }

  Scope scope_{{{"team", "$team", "=~"}, {"service", "$service", "=~"}, {"slo", "$slo", "=~"}}};
};

}  // namespace

Board slo_board() {
  return SloBoard().board();
}

}  // namespace plumbline::dashboards
