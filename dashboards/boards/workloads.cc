// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/attribution_signals.h"
#include "collectors/block/signals.h"
#include "collectors/memory/signals.h"
#include "collectors/node/signals.h"
#include "collectors/process/signals.h"
#include "collectors/sched/signals.h"
#include "collectors/tcp/signals.h"
#include "dashboards/boards/instances.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using namespace node;

constexpr std::string_view kGroup = "linux.cgroup.path";
constexpr std::string_view kNamespace = "k8s.namespace.name";
constexpr std::string_view kPod = "k8s.pod.name";
constexpr std::string_view kContainer = "k8s.container.name";
constexpr std::string_view kTeam = "plumbline.team";
constexpr std::string_view kResource = "plumbline.pressure.resource";

// Whoever it is: a container, or a service or a session of the node itself.
const Keys kWho{"instance", kNamespace, kPod, kContainer, kGroup};
constexpr std::string_view kName =
    "{{k8s_namespace_name}} {{k8s_pod_name}} {{k8s_container_name}} {{linux_cgroup_path}}";

constexpr std::string_view kNoProbes =
    "No eBPF here, or nothing happened: `plumbline doctor` on the node tells what is missing";
constexpr std::string_view kNoPods =
    "No pod is known: the agent asks the kubelet of its node, see the section identity";

class WorkloadsBoard {
 public:
  Board board() const {
    auto variables = instance_variables();
    const Scope instance(instance_matchers());
    const auto pods = instance.with(kNamespace, "$namespace", "=~").with(kTeam, "$team", "=~");
    // Groups that are no pod's have neither: "All" takes them too.
    variables.push_back(
        choice("namespace", "Namespace", kGroupCpuTime, kNamespace, instance, ".*"));
    variables.push_back(choice("team", "Team", kGroupCpuTime, kTeam, instance, ".*"));
    variables.push_back(choice("group", "Control group", kGroupCpuTime, kGroup, pods));
    return {.id = BoardId::kWorkloads,
            .title = "Plumbline / Workloads",
            .description =
                "Which container or service uses a node up, which one suffers, and from whom. A "
                "control group's use includes the groups below it.",
            .variables = std::move(variables),
            .marks = {restarts_mark()},
            .rows = {now(), cpu(), memory_of(), disks_and_network(), life()}};
  }

 private:
  std::string rate_of(const MetricSpec& metric) const { return sum(group_.rate(metric), kWho); }
  std::string now_of(const MetricSpec& metric) const { return max(group_.now(metric), kWho); }

  Panel graph(std::string title,
              std::string description,
              const std::string& expr,
              Reading reading,
              std::string_view no_data,
              int width = 12) const {
    return {.title = std::move(title),
            .description = std::move(description),
            .queries = {{top(expr), std::string(kName)}},
            .reading = std::move(reading),
            .no_data = std::string(no_data),
            .next = {BoardId::kNode, {{"instance", "instance"}}},
            .width = width};
  }
  Panel stat(std::string title, std::string description, std::string expr, Reading reading) const {
    return {.kind = PanelKind::kStat,
            .title = std::move(title),
            .description = std::move(description),
            .queries = {{std::move(expr), "sum"}},
            .reading = std::move(reading),
            .no_data = "None",
            .next = {BoardId::kNode},
            .width = 6};
  }

  Row now() const {
    const auto bad = [](std::string_view unit) {
      return Reading{.unit = unit, .steps = {{0.001, Colour::kRed}}};
    };
    return {
        .title = "Now",
        .panels = {
            stat("OOM kills",
                 "Processes a second that the kernel ended for want of memory. Good: 0.",
                 sum(group_.rate(memory::kOomKills)),
                 bad(kPerSecondUnit)),
            stat("Share of time throttled",
                 "Of the periods in which groups with a CPU limit ran, those in which "
                 "one was stopped. Good: below 5 %.",
                 share(sum(group_.rate(kGroupThrottledPeriods)), sum(group_.rate(kGroupPeriods))),
                 {.unit = kShareUnit,
                  .steps = {{0.05, Colour::kYellow}, {0.25, Colour::kRed}},
                  .max = 1}),
            stat("Containers not ready",
                 "Good: 0 but for the minutes of a deployment.",
                 "sum(" + pod_.now(attribution::kReady) + " == bool 0)",
                 {.unit = kCountUnit, .steps = {{1, Colour::kYellow}}}),
            stat("Processes that ended badly",
                 "Ended by a signal, a second. Good: 0; SIGTERM of a deployment counts "
                 "too.",
                 sum(group_.with("plumbline.process.exit.signal", "", "!=").rate(process::kExits)),
                 bad(kPerSecondUnit))}};
  }

  Row cpu() const {
    const Keys pair{"instance", kGroup, "plumbline.sched.culprit.cgroup.path"};
    auto culprits = graph("Who takes the CPU from whom",
                          "Time a second that threads of one group waited while another held "
                          "the CPU; the victim stands first. Good: small.",
                          sum(group_.rate(sched::kInterference), pair),
                          {.unit = kShareUnit},
                          "None waited a millisecond for another group, or no eBPF here",
                          24);
    culprits.queries.front().legend =
        "{{linux_cgroup_path}} ← {{plumbline_sched_culprit_cgroup_path}}";
    return {
        .title = "CPU",
        .panels = {
            graph("CPUs used",
                  "Ten busiest groups, in CPUs. Good: no surprise.",
                  rate_of(kGroupCpuTime),
                  {.unit = "none"},
                  kNoAgent,
                  8),
            graph("Time in which a task waited for a CPU",
                  "Pressure (PSI) of the group. Good: below 10 %.",
                  sum(group_.with(kResource, "cpu")
                          .with("plumbline.pressure.stall", "some")
                          .rate(kGroupPressureTime),
                      kWho),
                  {.unit = kShareUnit,
                   .steps = {{0.1, Colour::kYellow}, {0.4, Colour::kRed}},
                   .max = 1},
                  "The kernel tells no pressure of groups: it needs cgroup v2 and PSI",
                  8),
            graph("Wait for a CPU",
                  "99 % of the group's waits were shorter. Good: below 10 ms.",
                  group_.quantile(0.99, sched::kRunQueueWait, kWho),
                  {.unit = grafana_unit(sched::kRunQueueWait)},
                  kNoProbes,
                  8),
            graph("Throttled by its CPU limit",
                  "Share of the group's periods in which it was stopped. Good: below 5 %: "
                  "raise the limit or use fewer threads.",
                  share(rate_of(kGroupThrottledPeriods), rate_of(kGroupPeriods)),
                  {.unit = kShareUnit, .steps = {{0.25, Colour::kRed}}, .max = 1},
                  "None: no group with a CPU limit ran"),
            graph("Off the CPU for a device",
                  "Time a second that threads of the group waited for I/O. Good: small, "
                  "unless reading is its work.",
                  sum(group_.with("plumbline.sched.off_cpu.state", "io_wait").rate(sched::kOffCpu),
                      kWho),
                  {.unit = kShareUnit},
                  kNoProbes),
            std::move(culprits)}};
  }

  Row memory_of() const {
    return {
        .title = "Memory",
        .panels = {graph("Working set",
                         "What an OOM decision looks at, ten largest groups. Good: level.",
                         now_of(kGroupWorkingSet),
                         {.unit = grafana_unit(kGroupWorkingSet)},
                         kNoAgent,
                         8),
                   graph("Share of the limit",
                         "Working set by limit. Good: below 90 %; at 100 % the group is killed.",
                         share(now_of(kGroupWorkingSet), now_of(kGroupMemoryLimit)),
                         {.unit = kShareUnit,
                          .steps = {{0.9, Colour::kYellow}, {0.97, Colour::kRed}},
                          .max = 1},
                         "None has a memory limit",
                         8),
                   graph("Stalls to free memory",
                         "Time a second that threads of the group stood still to free memory. "
                         "Good: 0.",
                         sum(group_.total_rate(memory::kReclaimStall), kWho),
                         {.unit = kShareUnit},
                         "None stood still since the agent started, or no eBPF here",
                         8)}};
  }

  Row disks_and_network() const {
    return {
        .title = "Disks and network",
        .panels = {graph("Bytes read and written",
                         "By block requests, ten busiest groups. Good: no surprise.",
                         rate_of(block::kIo),
                         {.unit = grafana_rate_unit(block::kIo)},
                         "No request reached a disk, or no eBPF here: see `plumbline doctor`",
                         8),
                   graph("Time disk requests take",
                         "In the device, 99 % take less. Good: below 10 ms on flash.",
                         group_.quantile(0.99, block::kDeviceDuration, kWho),
                         {.unit = grafana_unit(block::kDeviceDuration)},
                         "No request reached a disk, or no eBPF here: see `plumbline doctor`",
                         8),
                   graph("Bytes received and sent",
                         "TCP payload, ten busiest groups. Good: no surprise.",
                         rate_of(tcp::kIo),
                         {.unit = grafana_rate_unit(tcp::kIo)},
                         kNoProbes,
                         8),
                   graph("Segments sent again",
                         "A second. Good: few beside those sent; a step is loss on the path.",
                         rate_of(tcp::kRetransmits),
                         {.unit = grafana_rate_unit(tcp::kRetransmits)},
                         "None sent again, or no eBPF here",
                         8),
                   graph("Round trip",
                         "Smoothed, 99 % of connections are below. Good: as far as the peer is.",
                         group_.quantile(0.99, tcp::kRtt, kWho),
                         {.unit = grafana_unit(tcp::kRtt)},
                         kNoProbes,
                         8),
                   graph("Data waits for the application",
                         "From receipt until it was read, 99 % waited less. Good: milliseconds; "
                         "more is a slow application, not a slow network.",
                         group_.quantile(0.99, tcp::kReadWait, kWho),
                         {.unit = grafana_unit(tcp::kReadWait)},
                         kNoProbes,
                         8)}};
  }

  Row life() const {
    auto restarts = graph("Restarts of containers",
                          "As the kubelet counts. Good: level; a slope is a crash loop.",
                          max(pod_.now(attribution::kRestarts), {kNamespace, kPod, kContainer}),
                          {.unit = grafana_unit(attribution::kRestarts)},
                          kNoPods);
    restarts.queries.front().legend = legend({kNamespace, kPod, kContainer});
    restarts.next = {BoardId::kNode};
    return {.title = "Life and death",
            .fold = Fold::kClosed,
            .panels = {graph("Processes started",
                             "A second, ten groups with most. Good: no fork storms.",
                             rate_of(process::kStarts),
                             {.unit = grafana_rate_unit(process::kStarts)},
                             kNoProbes),
                       std::move(restarts)}};
  }

  Scope group_{{{"job", "$job", "=~"},
                {"instance", "$instance", "=~"},
                {kNamespace, "$namespace", "=~"},
                {kTeam, "$team", "=~"},
                {kGroup, "$group", "=~"}}};
  Scope pod_{
      {{"job", "$job", "=~"}, {"instance", "$instance", "=~"}, {kNamespace, "$namespace", "=~"}}};
};

}  // namespace

Board workloads_board() {
  return WorkloadsBoard().board();
}

}  // namespace plumbline::dashboards
