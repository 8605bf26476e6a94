// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/cpu.h"

#include <unistd.h>

#include <cmath>
#include <optional>

#include "collectors/node/cpu_signals.h"

namespace plumbline::node {
namespace {

// In the order in which /proc/stat counts them.
constexpr std::array<std::string_view, ProcStat::kSoftirqTypes> kSoftirqTypes{
    "hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer", "rcu"};

struct ModeName {
  std::string_view name;
  CpuTimes::Mode mode;
};
// The modes of the semantic conventions; interrupt is the sum of two fields.
constexpr std::array kModeNames{ModeName{"user", CpuTimes::kUser},
                                ModeName{"nice", CpuTimes::kNice},
                                ModeName{"system", CpuTimes::kSystem},
                                ModeName{"idle", CpuTimes::kIdle},
                                ModeName{"iowait", CpuTimes::kIoWait},
                                ModeName{"interrupt", CpuTimes::kInterrupt},
                                ModeName{"steal", CpuTimes::kSteal}};

double ticks_in(const CpuTimes& times, CpuTimes::Mode mode) {
  const auto ticks = times.ticks[mode];
  return mode == CpuTimes::kInterrupt ? ticks + times.ticks[CpuTimes::kSoftirq] : ticks;
}

CpuTimes parse_cpu_line(std::string_view label, std::string_view line) {
  CpuTimes out;
  if (const auto number = to_int(label.substr(3))) out.number = *number;
  for (auto& ticks : out.ticks) ticks = take_number(line);
  return out;
}

class Cpu final : public Topic {
 public:
  explicit Cpu(const std::filesystem::path& proc)
      : Topic("node.cpu"),
        stat_(file(proc / "stat")),
        seconds_per_tick_(1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK))) {}

  void collect(Tick& tick) override {
    const auto text = stat_.read(tick.buffer);
    if (!text) return;
    parse_proc_stat(*text, now_);
    report_cpus(tick);
    report_utilization(tick);
    report_counts(tick);
  }

 private:
  void report_cpus(Tick& tick) const {
    for (const auto& cpu : now_.cpus) {
      const std::int64_t number = cpu.number;
      for (const auto& [name, mode] : kModeNames) {
        tick.out.add(tick.series.get(kCpuTime, {name, number}),
                     ticks_in(cpu, mode) * seconds_per_tick_);
      }
      tick.out.add(tick.series.get(kCpuGuestTime, {"user", number}),
                   cpu.ticks[CpuTimes::kGuest] * seconds_per_tick_);
      tick.out.add(tick.series.get(kCpuGuestTime, {"nice", number}),
                   cpu.ticks[CpuTimes::kGuestNice] * seconds_per_tick_);
    }
    if (!now_.cpus.empty()) tick.out.add(tick.series.get(kCpuLogicalCount), now_.cpus.size());
  }

  // Idle and I/O wait can go back a little (proc(5)): that is no time at all.
  void report_utilization(Tick& tick) {
    std::array<double, kModeNames.size()> spent{};
    double sum = 0;
    for (std::size_t i = 0; i < spent.size(); ++i) {
      const auto mode = kModeNames[i].mode;
      const auto delta = last_ ? ticks_in(now_.total, mode) - ticks_in(*last_, mode) : 0;
      spent[i] = delta < 0 ? 0 : delta;
      if (!std::isnan(delta)) sum += spent[i];
    }
    for (std::size_t i = 0; sum > 0 && i < spent.size(); ++i) {
      tick.out.add(tick.series.get(kCpuUtilization, {kModeNames[i].name}), spent[i] / sum);
    }
    last_ = now_.total;
  }

  void report_counts(Tick& tick) const {
    tick.out.add(tick.series.get(kContextSwitches), now_.context_switches);
    tick.out.add(tick.series.get(kInterrupts), now_.interrupts);
    tick.out.add(tick.series.get(kProcessesCreated), now_.processes);
    tick.out.add(tick.series.get(kThreadsRunning), now_.running);
    tick.out.add(tick.series.get(kThreadsBlocked), now_.blocked);
    tick.out.add(tick.series.get(kBootTime), now_.boot_time);
    for (std::size_t i = 0; i < kSoftirqTypes.size(); ++i) {
      tick.out.add(tick.series.get(kSoftirqs, {kSoftirqTypes[i]}), now_.softirqs[i]);
    }
  }

  TextFile& stat_;
  double seconds_per_tick_;
  ProcStat now_;
  std::optional<CpuTimes> last_;
};

}  // namespace

void parse_proc_stat(std::string_view text, ProcStat& out) {
  auto cpus = std::move(out.cpus);
  cpus.clear();
  out = ProcStat{};
  out.cpus = std::move(cpus);
  out.total.ticks.fill(kAbsent);
  out.softirqs.fill(kAbsent);
  while (!text.empty()) {
    auto line = take_line(text);
    const auto label = take_word(line);
    if (label == "cpu") {
      out.total = parse_cpu_line(label, line);
    } else if (label.starts_with("cpu")) {
      const auto cpu = parse_cpu_line(label, line);
      if (cpu.number >= 0 && out.cpus.size() < ProcStat::kMaxCpus) out.cpus.push_back(cpu);
    } else if (label == "intr") {
      out.interrupts = take_number(line);
    } else if (label == "ctxt") {
      out.context_switches = take_number(line);
    } else if (label == "btime") {
      out.boot_time = take_number(line);
    } else if (label == "processes") {
      out.processes = take_number(line);
    } else if (label == "procs_running") {
      out.running = take_number(line);
    } else if (label == "procs_blocked") {
      out.blocked = take_number(line);
    } else if (label == "softirq") {
      take_word(line);  // the sum
      for (auto& count : out.softirqs) count = take_number(line);
    }
  }
}

std::unique_ptr<Topic> make_cpu(const std::filesystem::path& proc) {
  return std::make_unique<Cpu>(proc);
}

}  // namespace plumbline::node
