// SPDX-License-Identifier: Apache-2.0
#include "collectors/irq/irq_collector.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "agent/config/config.h"
#include "collectors/bpf/hash_table.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/last_seen.h"
#include "collectors/bpf/latency.h"
#include "collectors/bpf/mapped_array.h"
#include "collectors/bpf/object.h"
#include "collectors/irq/irq.h"
#include "collectors/irq/irq_events.h"
#include "collectors/irq/signals.h"

#include "bpf/irq_handler.skel.h"
#include "bpf/irq_softirq.skel.h"

namespace plumbline::irq {
namespace {

using namespace std::chrono_literals;

// The kernel takes some microseconds for each CPU and interrupt to write /proc/interrupts: on a big
// machine it is read less often, so that it takes at most a thousandth of the time.
constexpr auto kReadShare = 1000;
constexpr Clock::Steady::duration kLongestPause = 30s;

enum : std::size_t { kCounts, kSoftirqs, kHandlers, kSignals };

struct SoftirqProbe {
  bpf::Object<irq_softirq> object;
  bpf::MappedArray<softirq_times> times;
};

Result<SoftirqProbe> start_softirqs(const bpf::Hooks& hooks) {
  auto object = bpf::Object<irq_softirq>::open(hooks);
  if (!object) return object.error();
  (*object)->rodata->latency = bpf::make_latency_tables();
  TRY(object->start());
  auto times = bpf::MappedArray<softirq_times>::of((*object)->maps.softirqs);
  if (!times) return times.error();
  return SoftirqProbe{*std::move(object), *std::move(times)};
}

Result<bpf::Object<irq_handler>> start_handlers(const bpf::Hooks& hooks) {
  auto object = bpf::Object<irq_handler>::open(hooks);
  if (!object) return object;
  (*object)->rodata->latency = bpf::make_latency_tables();
  TRY(object->start());
  return object;
}

// Keeps what started; else says why it did not.
template <class T>
void keep(Result<T> started, std::optional<T>& into, Coverage& coverage) {
  if (started) {
    into.emplace(*std::move(started));
    return;
  }
  coverage.state = SignalState::kUnavailable;
  coverage.mechanism.clear();
  coverage.reason = started.error().what;
}

class IrqCollector final : public Collector {
 public:
  explicit IrqCollector(const CollectorContext& context)
      : context_(context),
        names_(context.sys),
        since_boot_(boot_time(context.clock)),
        since_open_(context.clock.wall()) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    since_open_ = SeriesTable(context_.clock.wall());
    if (!context_.config.bpf.softirq_latency) {
      for (const auto signal : {kSoftirqs, kHandlers}) {
        coverage_[signal] = {.signal = coverage_[signal].signal,
                             .state = SignalState::kUnavailable,
                             .mechanism = {},
                             .reason =
                                 "off, because it runs at every interrupt: "
                                 "bpf.softirq_latency"};
      }
      return {};
    }
    const bpf::Hooks hooks(context_);
    keep(start_softirqs(hooks), softirqs_, coverage_[kSoftirqs]);
    keep(start_handlers(hooks), handlers_, coverage_[kHandlers]);
    if (handlers_) {
      handler_table_ =
          bpf::HashTable<std::uint32_t, latency_histogram>((*handlers_)->maps.handlers);
    }
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    read_counts();
    counts_.each([&](std::string_view kind, std::string_view name, std::uint64_t count) {
      out.add(since_boot_.get(kInterrupts, {kind, name}), count);
    });
    if (softirqs_) take_softirqs(out);
    if (handlers_) TRY(read_handlers(out));
    since_boot_.sweep();
    since_open_.sweep();
    return {};
  }

 private:
  void read_counts() {
    const auto begin = context_.clock.steady();
    if (begin < next_read_) return;
    std::ifstream file(context_.proc / "interrupts");
    text_.assign(std::istreambuf_iterator<char>(file), {});
    if (text_.empty()) {
      coverage_[kCounts].state = SignalState::kUnavailable;
      coverage_[kCounts].reason = "cannot read /proc/interrupts";
    }
    if (++reads_ % kNamesKept == 0) names_.forget();
    counts_.read(text_, names_);
    const auto end = context_.clock.steady();
    next_read_ =
        begin + std::min<Clock::Steady::duration>((end - begin) * kReadShare, kLongestPause);
  }

  void take_softirqs(Batch& out) {
    for (std::uint32_t type = 0; type < times_.size(); ++type) {
      const auto name = softirq_name(type);
      if (name.empty()) continue;
      auto& [wait, service] = times_[type];
      bpf::take(softirqs_->times[type].wait, wait);
      bpf::take(softirqs_->times[type].service, service);
      if (wait.view().count > 0) out.add(since_open_.get(kSoftirqWait, {name}), wait.view());
      if (service.view().count > 0) {
        out.add(since_open_.get(kSoftirqService, {name}), service.view());
      }
    }
  }

  Result<> read_handlers(Batch& out) {
    TRY(handler_table_.each([this](std::uint32_t irq, const latency_histogram& now) {
      auto& total =
          handler_times_.try_emplace(names_.of(irq), bpf::make_latency_histogram()).first->second;
      bpf::advance(now, handlers_seen_.of(irq).value, total);
    }));
    handlers_seen_.sweep();
    for (const auto& [name, total] : handler_times_) {
      out.add(since_open_.get(kHandler, {std::string_view(name)}), total.view());
    }
    out.add(since_open_.get(kLost), std::uint64_t{(*handlers_)->bss->handler_lost});
    return {};
  }

  // In reads of /proc/interrupts: a driver loaded later is named by then.
  static constexpr std::uint32_t kNamesKept = 60;

  struct Times {
    ExpHistogram wait = bpf::make_latency_histogram();
    ExpHistogram service = bpf::make_latency_histogram();
  };

  CollectorContext context_;
  std::array<Coverage, kSignals> coverage_{
      Coverage{.signal = "irq.counts", .mechanism = "/proc/interrupts"},
      Coverage{.signal = "irq.softirq_latency",
               .mechanism = "tp_btf/softirq_raise, softirq_entry, softirq_exit"},
      Coverage{.signal = "irq.handler_latency",
               .mechanism = "tp_btf/irq_handler_entry, irq_handler_exit"}};
  HandlerNames names_;
  Counts counts_;
  std::string text_;
  std::uint32_t reads_ = 0;
  Clock::Steady next_read_{};
  std::optional<SoftirqProbe> softirqs_;
  std::array<Times, IRQ_SOFTIRQ_TYPES> times_;
  std::optional<bpf::Object<irq_handler>> handlers_;
  bpf::HashTable<std::uint32_t, latency_histogram> handler_table_;
  bpf::LastSeen<std::uint32_t, latency_histogram> handlers_seen_;
  std::map<std::string, ExpHistogram> handler_times_;  // at most the kernel table's 256
  SeriesTable since_boot_;
  SeriesTable since_open_;
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<IrqCollector>(context);
}

}  // namespace plumbline::irq
