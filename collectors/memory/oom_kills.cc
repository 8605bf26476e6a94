// SPDX-License-Identifier: Apache-2.0
#include "collectors/memory/oom_kills.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "agent/config/config.h"
#include "agent/identity/cgroups.h"
#include "collectors/memory/memory.h"
#include "collectors/memory/signals.h"

namespace plumbline::memory {
namespace {

constexpr std::string_view kByTask = "tp_btf/mark_victim";
constexpr std::string_view kByPid = "tracepoint/oom/mark_victim";

Result<std::string> read(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return errno_error(errno, "cannot read " + path.native());
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// Which of the two programs for the mark this kernel can run; empty when none.
std::string_view choose_mark(const bpf::Hooks& hooks) {
  if (!hooks.missing(kByTask) && hooks.takes_pointer("mark_victim")) return kByTask;
  if (!hooks.missing(kByPid)) return kByPid;
  return {};
}

}  // namespace

Coverage OomKills::open(const bpf::Hooks& hooks, const CollectorContext& context) {
  Coverage coverage{.signal = "memory.oom_kills"};
  const auto mark = choose_mark(hooks);
  if (mark.empty()) {
    coverage.reason = hooks.missing(kByTask).value_or(hooks.missing(kByPid).value_or(""));
  } else {
    auto probe = Probe::start(hooks, context, [mark](auto& object) {
      auto* program =
          mark == kByTask ? object->progs.on_mark_victim : object->progs.on_mark_victim_pid;
      bpf_program__set_autoload(program, true);
    });
    if (probe) {
      probe_ = *std::move(probe);
      coverage.mechanism = std::string(mark) + ", tp_btf/signal_generate";
      return coverage;
    }
    coverage.reason = probe.error().what;
  }
  const auto vmstat = read(context.proc / "vmstat");
  if (vmstat && memory::oom_kills(*vmstat)) {
    vmstat_ = context.proc / "vmstat";
    boot_ = boot_time(context.clock);
    coverage.state = SignalState::kDegraded;
    coverage.mechanism = "/proc/vmstat oom_kill";
    coverage.reason += "; counted for the node as a whole";
  } else {
    coverage.state = SignalState::kUnavailable;
  }
  return coverage;
}

Result<> OomKills::collect(CgroupIndex& cgroups, SeriesTable& series, Batch& out) {
  if (probe_) {
    probe_->slots.visit(cgroups, [this](std::string_view path, oom_count& slot) {
      totals_.of(path) += bpf::take(slot.count);
    });
    probe_->slots.recycle(cgroups);
    totals_.each([&](std::string_view path, std::uint64_t kills) {
      if (kills > 0) out.add(series.get(kOomKills, {path}), kills);
    });
    totals_.sweep();
  } else if (!vmstat_.empty()) {
    const auto text = read(vmstat_);
    if (!text) return text.error();
    if (const auto kills = memory::oom_kills(*text)) {
      out.add(series.get_since(boot_, kOomKills, {}), *kills);
    }
  }
  return {};
}

}  // namespace plumbline::memory
