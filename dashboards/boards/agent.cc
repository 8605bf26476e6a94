// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/attribution_signals.h"
#include "agent/runtime/self_signals.h"
#include "dashboards/boards/instances.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using namespace self;

constexpr std::string_view kCollector = "plumbline.collector.name";
constexpr std::string_view kDestination = "plumbline.destination.name";
constexpr std::string_view kSignal = "plumbline.signal.name";
constexpr std::string_view kNoDestination =
    "No destination is set: this agent is scraped only (otlp, kafka in its configuration)";
constexpr std::string_view kNoJournal =
    "No journal: it is off, or the agent has no state directory (state_dir)";

class AgentBoard {
 public:
  Board board() const {
    return {
        .id = BoardId::kAgent,
        .title = "Plumbline / Agents",
        .description = "Does every agent run, cost little, miss nothing and deliver everything.",
        .variables = instance_variables(),
        .marks = {restarts_mark()},
        .rows = {now(), delivery(), cost(), collection(), journal()}};
  }

 private:
  static Reading none_wanted(std::string_view unit) {
    return {.unit = unit, .steps = {{0.001, Colour::kRed}}};
  }
  Panel graph(std::string title,
              std::string description,
              std::string expr,
              std::string legend_text,
              Reading reading,
              std::string_view no_data) const {
    return {.title = std::move(title),
            .description = std::move(description),
            .queries = {{std::move(expr), std::move(legend_text)}},
            .reading = std::move(reading),
            .no_data = std::string(no_data),
            .next = {BoardId::kNode, {{"instance", "instance"}}},
            .width = 8};
  }
  Panel stat(std::string title,
             std::string description,
             std::string expr,
             Reading reading,
             std::string_view no_data) const {
    auto panel = graph(std::move(title),
                       std::move(description),
                       std::move(expr),
                       "all",
                       std::move(reading),
                       no_data);
    panel.kind = PanelKind::kStat;
    panel.width = 6;
    panel.next = {BoardId::kNode};
    return panel;
  }

  Row now() const {
    return {.title = "Now",
            .panels = {stat("Agents that run",
                            "Agents that this Prometheus scrapes. Good: one for each node.",
                            "count(" + scope_.now(kUptime) + ")",
                            {.unit = kCountUnit, .lowest = Colour::kGrey},
                            kNoAgent),
                       stat("Destinations that do not answer",
                            "Good: 0; meanwhile the journal keeps what is collected.",
                            "sum(" + scope_.now(kUp) + " == bool 0)",
                            {.unit = kCountUnit, .steps = {{1, Colour::kRed}}},
                            kNoDestination),
                       stat("Signals that are missing",
                            "Signals that a node cannot measure, or only in part, over all nodes. "
                            "`plumbline doctor` tells why. Good: known ones.",
                            "sum(" + scope_.now(kCoverage) + " < bool 1)",
                            {.unit = kCountUnit, .steps = {{1, Colour::kYellow}}},
                            kNoAgent),
                       stat("Errors in the logs",
                            "A second, of all agents. Good: 0.",
                            sum(scope_.with("level", "error").rate(kLogMessages)),
                            none_wanted(grafana_rate_unit(kLogMessages)),
                            "None")}};
  }

  Row delivery() const {
    const Keys queue{"instance", kDestination, "plumbline.signal.type"};
    const Keys destination{"instance", kDestination};
    return {
        .title = "Delivery",
        .panels = {
            graph("What became of what was collected",
                  "Items a second by outcome. Good: collected and delivered lie on each other; "
                  "rejected and dropped are 0.",
                  sum(scope_.rate(kItems), {kDestination, "outcome"}),
                  legend({kDestination, "outcome"}),
                  {.unit = kPerSecondUnit},
                  kNoDestination),
            graph("Age of the oldest batch that waits",
                  "Good: below twice the export interval. It grows while a destination is away.",
                  scope_.now(kQueueAge),
                  legend(destination),
                  {.unit = grafana_unit(kQueueAge), .steps = {{300, Colour::kRed}}},
                  kNoDestination),
            graph("Items that wait",
                  "Good: saw teeth that return to 0.",
                  scope_.now(kQueued),
                  legend(queue),
                  {.unit = grafana_unit(kQueued)},
                  kNoDestination),
            graph("Requests sent again",
                  "A second, by why. Good: 0. throttled: the destination is overloaded; "
                  "no_answer: it, the network or a certificate is broken.",
                  sum(scope_.rate(kRetries), {"instance", kDestination, "error.type"}),
                  legend({"instance", kDestination, "error.type"}),
                  none_wanted(grafana_rate_unit(kRetries)),
                  "None sent again"),
            graph("Lost from the journal",
                  "Items a second that left before their destination had them. Good: 0 always.",
                  sum(scope_.rate(kJournalLost), {"instance", "reason"}),
                  legend({"instance", "reason"}),
                  none_wanted(kPerSecondUnit),
                  "None lost"),
            graph("Bytes sent",
                  "Before (raw) and after compression (sent). Good: sent is a tenth of raw.",
                  sum(scope_.rate(kRequestBytes), {kDestination, "plumbline.io.stage"}),
                  legend({kDestination, "plumbline.io.stage"}),
                  {.unit = grafana_rate_unit(kRequestBytes)},
                  kNoDestination)}};
  }

  Row cost() const {
    return {.title = "What it costs",
            .panels = {graph("CPU",
                             "Of one core. Good: below 1 %. Time of its BPF programs is spent by "
                             "the processes they watch and not in it.",
                             sum(scope_.rate(kCpuTime), kNode),
                             "{{instance}}",
                             {.unit = grafana_rate_unit(kCpuTime)},
                             kNoAgent),
                       graph("Resident memory",
                             "Good: level, some 20 MB.",
                             scope_.now(kMemoryUsage),
                             "{{instance}}",
                             {.unit = grafana_unit(kMemoryUsage)},
                             kNoAgent),
                       graph("Series",
                             "Series that have a value now: what a backend is billed for. Good: "
                             "level.",
                             scope_.now(kSeries),
                             "{{instance}}",
                             {.unit = grafana_unit(kSeries)},
                             kNoAgent)}};
  }

  Row collection() const {
    return {.title = "Collection",
            .panels = {
                graph("Time a collection takes",
                      "By collector, 99 % take less. Good: far below the collector's period.",
                      scope_.quantile(0.99, kDuration, {kCollector}),
                      legend({kCollector}),
                      {.unit = grafana_unit(kDuration)},
                      kNoAgent),
                graph("Ticks skipped",
                      "A second: the collection before was still running. Good: 0.",
                      sum(scope_.rate(kOverruns), {"instance", kCollector}),
                      legend({"instance", kCollector}),
                      none_wanted(kPerSecondUnit),
                      "None skipped"),
                graph("Points collected",
                      "By collector, a second. Good: level.",
                      sum(scope_.rate(kPoints), {kCollector}),
                      legend({kCollector}),
                      {.unit = kPerSecondUnit},
                      kNoAgent),
                graph("Collections that failed",
                      "A second, by collector. Good: 0; the log says why.",
                      sum(scope_.with("outcome", "failure").rate(kRuns), {"instance", kCollector}),
                      legend({"instance", kCollector}),
                      none_wanted(grafana_rate_unit(kRuns)),
                      "None failed"),
                graph("Signals that are missing",
                      "Those below 1: 0.5 coarser or in part, 0 not at all. Good: known ones.",
                      min(scope_.now(kCoverage), {"instance", kSignal}) + " < 1",
                      legend({"instance", kSignal}),
                      {.unit = "none", .max = 1},
                      "None is missing"),
                graph("Points folded away",
                      "A second, of metrics with more series than their budget. Good: 0; raise "
                      "limits.budgets or lower the cardinality.",
                      sum(scope_.rate(kOverflow), {"instance", "plumbline.metric.name"}),
                      legend({"instance", "plumbline.metric.name"}),
                      none_wanted(kPerSecondUnit),
                      "None folded")}};
  }

  Row journal() const {
    return {.title = "Journal and names",
            .fold = Fold::kClosed,
            .panels = {graph("Journal on disk",
                             "Good: level below its budget.",
                             scope_.now(kJournalSize),
                             "{{instance}}",
                             {.unit = grafana_unit(kJournalSize)},
                             kNoJournal),
                       graph("Time a commit takes",
                             "99 % take less. Good: below 100 ms; else the disk is slow.",
                             scope_.quantile(0.99, kJournalCommitDuration, kNode),
                             "{{instance}}",
                             {.unit = grafana_unit(kJournalCommitDuration)},
                             kNoJournal),
                       graph("Control groups of pods without a name",
                             "Good: 0 but for moments; else the agent may not ask the kubelet.",
                             scope_.now(attribution::kNameless),
                             "{{instance}}",
                             {.unit = grafana_unit(attribution::kNameless)},
                             "No pod is known here")}};
  }

  Scope scope_{instance_matchers()};
};

}  // namespace

Board agent_board() {
  return AgentBoard().board();
}

}  // namespace plumbline::dashboards
