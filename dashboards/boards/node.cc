// SPDX-License-Identifier: Apache-2.0
#include "collectors/block/signals.h"
#include "collectors/memory/signals.h"
#include "collectors/node/filesystem_signals.h"
#include "collectors/node/hardware_signals.h"
#include "collectors/node/signals.h"
#include "collectors/sched/signals.h"
#include "dashboards/boards/instances.h"
#include "dashboards/query.h"
#include "dashboards/units.h"

namespace plumbline::dashboards {
namespace {

using namespace node;

constexpr std::string_view kResource = "plumbline.pressure.resource";
constexpr std::string_view kStall = "plumbline.pressure.stall";
constexpr std::string_view kDevice = "system.device";
constexpr std::string_view kDirection = "network.io.direction";
constexpr std::string_view kNoPressure =
    "The kernel tells no pressure: it needs CONFIG_PSI, and psi=1 on its command line";
constexpr std::string_view kNoProbes =
    "No eBPF here: `plumbline doctor` on the node tells what is missing";

class NodeBoard {
 public:
  Board board() const {
    return {.id = BoardId::kNode,
            .title = "Plumbline / Nodes",
            .description =
                "Use, saturation and errors of CPUs, memory, disks and network. Waiting says more "
                "than use: look at pressure first.",
            .variables = instance_variables(),
            .marks = {restarts_mark()},
            .rows = {now(), cpus(), memories(), disks(), network(), details()}};
  }

 private:
  Panel stat(std::string title,
             std::string description,
             std::string expr,
             Reading reading,
             std::string_view no_data) const {
    return {.kind = PanelKind::kStat,
            .title = std::move(title),
            .description = std::move(description),
            .queries = {{"topk(1, " + std::move(expr) + ")", "{{instance}}"}},
            .reading = std::move(reading),
            .no_data = std::string(no_data),
            .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
            .width = 6};
  }
  static Reading share_reading(double yellow, double red) {
    return {
        .unit = kShareUnit, .steps = {{yellow, Colour::kYellow}, {red, Colour::kRed}}, .max = 1};
  }
  // The share of time in which something waited.
  std::string pressure(std::string_view resource, std::string_view stall) const {
    return scope_.with(kResource, resource).with(kStall, stall).rate(kPressureTime);
  }
  std::string busy() const {
    return "1 - " + sum(scope_.with("cpu.mode", "idle|iowait", "=~").now(kCpuUtilization), kNode);
  }
  std::string memory_used() const {
    return "1 - " +
           share(max(scope_.now(kMemoryAvailable), kNode), max(scope_.now(kMemoryLimit), kNode));
  }
  // Images that are mounted to read (snap, CD) are always full.
  std::string disk_full(const Keys& keys) const {
    return max(scope_.with("system.filesystem.state", "used")
                   .with("system.filesystem.mode", "rw")
                   .now(kFilesystemUtilization),
               keys);
  }

  Row now() const {
    return {.title = "Now: the worst node",
            .panels = {stat("Busiest CPUs",
                            "Share of all CPU time in use. Good: below 80 %; above it, see "
                            "whether anything waits.",
                            busy(),
                            share_reading(0.8, 0.95),
                            kNoAgent),
                       stat("Least memory",
                            "Share of memory that new programs could not have. Good: below 90 %.",
                            memory_used(),
                            share_reading(0.9, 0.97),
                            kNoAgent),
                       stat("Fullest file system",
                            "Good: below 80 %.",
                            disk_full({"job", "instance", "system.filesystem.mountpoint"}),
                            share_reading(0.8, 0.9),
                            kNoAgent),
                       stat("Longest wait",
                            "Share of time in which some task waited for CPU, memory or disk, "
                            "whichever is worst. Good: below 10 %.",
                            max(scope_.with(kStall, "some").rate(kPressureTime), kNode),
                            share_reading(0.1, 0.4),
                            kNoPressure)}};
  }

  Row cpus() const {
    return {
        .title = "CPU",
        .panels = {
            {.title = "CPUs in use",
             .description = "Share of all CPU time of each node. Good: below 80 %.",
             .queries = {{busy(), "{{instance}}"}},
             .reading = share_reading(0.8, 0.95),
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Time in which a task waited for a CPU",
             .description =
                 "Pressure (PSI). Good: below 10 %. Use may be high without it: then nobody "
                 "suffers.",
             .queries = {{pressure("cpu", "some"), "{{instance}}"}},
             .reading = share_reading(0.1, 0.4),
             .no_data = std::string(kNoPressure),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Wait for a CPU",
             .description =
                 "How long a thread was runnable before it ran: 99 % waited less. Good: below "
                 "10 ms; a request pays it several times.",
             .queries = {{scope_.quantile(0.99, sched::kRunQueueWait, kNode), "p99 {{instance}}"}},
             .reading = {.unit = grafana_unit(sched::kRunQueueWait)},
             .no_data = std::string(kNoProbes),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.kind = PanelKind::kBands,
             .title = "What CPUs do",
             .description =
                 "Share of time by mode, mean of the chosen nodes. Good: user on top; much "
                 "system, softirq or steal wants a reason.",
             .queries = {{"avg by (cpu_mode) (" +
                              scope_.with("cpu.mode", "idle", "!=").now(kCpuUtilization) + ")",
                          "{{cpu_mode}}"}},
             .reading = {.unit = kShareUnit, .max = 1},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads}},
            {.title = "Runnable threads for each CPU",
             .description = "Threads that run or wait, divided by CPUs. Good: below 1, mostly.",
             .queries = {{share(max(scope_.now(kThreadsRunning), kNode),
                                max(scope_.now(kCpuLogicalCount), kNode)),
                          "{{instance}}"}},
             .reading = {.unit = "none", .steps = {{1, Colour::kYellow}, {4, Colour::kRed}}},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}}}};
  }

  Row memories() const {
    return {
        .title = "Memory",
        .panels = {
            {.title = "Memory that new programs could not have",
             .description = "Share of all memory. Good: below 90 %.",
             .queries = {{memory_used(), "{{instance}}"}},
             .reading = share_reading(0.9, 0.97),
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Time in which a task waited for memory",
             .description =
                 "Pressure (PSI): pages that were dropped are read again. Good: 0; 10 % is slow "
                 "for everybody.",
             .queries = {{pressure("memory", "some"), "some {{instance}}"},
                         {pressure("memory", "full"), "all {{instance}}"}},
             .reading = share_reading(0.1, 0.4),
             .no_data = std::string(kNoPressure),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "OOM kills",
             .description = "Processes a second that the kernel ended for want of memory. Good: 0.",
             .queries = {{scope_.rate(kOomKills), "{{instance}}"}},
             .reading = {.unit = grafana_rate_unit(kOomKills), .steps = {{0.001, Colour::kRed}}},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.kind = PanelKind::kBands,
             .title = "What memory holds",
             .description = "By state, sum of the chosen nodes. Good: cached is memory well used.",
             .queries = {{sum(scope_.now(kMemoryUsage), {"system.memory.state"}),
                          "{{system_memory_state}}"}},
             .reading = {.unit = grafana_unit(kMemoryUsage)},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads}},
            {.title = "Stalls to free memory",
             .description =
                 "Time a second that threads stood still to free memory before they got some. "
                 "Good: 0.",
             .queries = {{sum(scope_.total_rate(memory::kReclaimStall), kNode), "{{instance}}"}},
             .reading = {.unit = kShareUnit},
             .no_data = "None since the agent started, or no eBPF here",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}}}};
  }

  Row disks() const {
    const Keys device{"instance", kDevice};
    return {
        .title = "Disks",
        .panels = {
            {.title = "Time in which a task waited for a disk",
             .description = "Pressure (PSI). Good: below 10 %.",
             .queries = {{pressure("io", "some"), "some {{instance}}"},
                         {pressure("io", "full"), "all {{instance}}"}},
             .reading = share_reading(0.1, 0.4),
             .no_data = std::string(kNoPressure),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Time requests take",
             .description =
                 "In the device: 99 % take less. Good: below 10 ms on flash, 50 ms on spinning "
                 "disks.",
             .queries = {{scope_.quantile(0.99, block::kDeviceDuration, device),
                          "p99 " + legend(device)}},
             .reading = {.unit = grafana_unit(block::kDeviceDuration)},
             .no_data = "No request reached a disk, or no eBPF here: see `plumbline doctor`",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Fullest file systems",
             .description = "Share of space in use, ten fullest. Good: below 80 %.",
             .queries = {{top(disk_full({"instance", "system.filesystem.mountpoint"})),
                          "{{instance}} {{system_filesystem_mountpoint}}"}},
             .reading = share_reading(0.8, 0.9),
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Disks with something to do",
             .description = "Share of time. Good: a disk that is always busy is only a hint; see "
                            "whether anything waits.",
             .queries = {{sum(scope_.rate(kDiskIoTime), device), legend(device)}},
             .reading = {.unit = grafana_rate_unit(kDiskIoTime), .max = 1},
             .no_data = "No disk of its own: containers and some virtual machines have none",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}},
            {.title = "Bytes read and written",
             .description = "Good: below what the disk is sold for.",
             .queries = {{sum(scope_.rate(kDiskIo), {"instance", kDevice, "disk.io.direction"}),
                          legend({"instance", kDevice, "disk.io.direction"})}},
             .reading = {.unit = grafana_rate_unit(kDiskIo)},
             .no_data = "No disk of its own: containers and some virtual machines have none",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}}}};
  }

  Row network() const {
    const Keys interface {
      "instance", "network.interface.name", kDirection
    };
    return {
        .title = "Network",
        .panels = {
            {.title = "Bytes received and sent",
             .description = "Ten busiest interfaces. Good: below 70 % of the link.",
             .queries = {{top(sum(scope_.rate(kNetworkIo), interface)), legend(interface)}},
             .reading = {.unit = grafana_rate_unit(kNetworkIo)},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Packets dropped and wrong",
             .description = "By interface, those above zero. Good: none.",
             .queries = {{top(sum(scope_.rate(kNetworkDropped), interface)) + " > 0",
                          "dropped " + legend(interface)},
                         {top(sum(scope_.rate(kNetworkErrors), interface)) + " > 0",
                          "wrong " + legend(interface)}},
             .reading = {.unit = grafana_rate_unit(kNetworkDropped)},
             .no_data = "None",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Segments sent again",
             .description = "Share of all TCP segments sent. Good: below 1 %.",
             .queries = {{share(sum(scope_.rate(kTcpRetransmits), kNode),
                                sum(scope_.with(kDirection, "transmit").rate(kTcpSegments), kNode)),
                          "{{instance}}"}},
             .reading = {.unit = kShareUnit,
                         .steps = {{0.01, Colour::kYellow}, {0.05, Colour::kRed}}},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Connections refused for want of room",
             .description =
                 "SYNs dropped at listening sockets and full accept queues. Good: 0; the "
                 "application accepts too slowly.",
             .queries = {{scope_.rate(kTcpListenDrops), "dropped {{instance}}"},
                         {scope_.rate(kTcpListenOverflows), "queue full {{instance}}"}},
             .reading = {.unit = grafana_rate_unit(kTcpListenDrops)},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}},
            {.title = "Connection tracking table",
             .description = "Share in use. Good: below 80 %; when full, packets are dropped.",
             .queries = {{share(max(scope_.now(kConntrack), kNode),
                                max(scope_.now(kConntrackLimit), kNode)),
                          "{{instance}}"}},
             .reading = share_reading(0.8, 0.95),
             .no_data = "None: the kernel tracks no connections",
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}}}}};
  }

  Row details() const {
    return {
        .title = "Details",
        .fold = Fold::kClosed,
        .panels = {
            {.title = "Switches and interrupts",
             .description = "A second. Good: as usual; a step is a new workload or a storm.",
             .queries = {{scope_.rate(kContextSwitches), "switches {{instance}}"},
                         {scope_.rate(kInterrupts), "interrupts {{instance}}"}},
             .reading = {.unit = kPerSecondUnit},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Offset of the clock",
             .description = "What is left to correct. Good: below 100 ms: traces of several nodes "
                            "line up only then.",
             .queries = {{scope_.now(kClockOffset), "{{instance}}"}},
             .reading = {.unit = grafana_unit(kClockOffset), .min = std::nullopt},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kAgent, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Temperature",
             .description = "Hottest sensor of each node. Good: 10 °C below its limit.",
             .queries = {{max(scope_.now(kTemperature), kNode), "{{instance}}"}},
             .reading = {.unit = grafana_unit(kTemperature)},
             .no_data = "No sensor: virtual machines have none",
             .next = {BoardId::kNode},
             .width = 8},
            {.title = "Processes",
             .description = "Alive, and started a second. Good: as usual.",
             .queries = {{scope_.now(kProcesses), "alive {{instance}}"}},
             .reading = {.unit = grafana_unit(kProcesses)},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "File handles",
             .description = "Share of what the kernel gives out. Good: below half.",
             .queries = {{share(max(scope_.now(kFileHandles), kNode),
                                max(scope_.now(kFileHandleLimit), kNode)),
                          "{{instance}}"}},
             .reading = share_reading(0.5, 0.9),
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kWorkloads, {{"instance", "instance"}}},
             .width = 8},
            {.title = "Uptime",
             .description = "Since the kernel started. Good: no steps down.",
             .queries = {{scope_.now(kUptime), "{{instance}}"}},
             .reading = {.unit = grafana_unit(kUptime)},
             .no_data = std::string(kNoAgent),
             .next = {BoardId::kAgent, {{"instance", "instance"}}},
             .width = 8}}};
  }

  Scope scope_{instance_matchers()};
};

}  // namespace

Board node_board() {
  return NodeBoard().board();
}

}  // namespace plumbline::dashboards
