// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/gpu_collector.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <utility>

#include "collectors/gpu/division.h"
#include "collectors/gpu/emit.h"
#include "collectors/gpu/nvml_source.h"
#include "collectors/gpu/signals.h"
#include "collectors/gpu/worker.h"

namespace plumbline::gpu {
namespace {

// What the thread of the worker looks at and writes.
struct Look {
  Look(std::vector<std::filesystem::path> places, std::filesystem::path sys)
      : source(std::move(places), std::move(sys)) {}

  NvmlSource source;
  Clock::Steady now{};
};

class Gpu final : public Collector {
 public:
  Gpu(const CollectorContext& context, Options options)
      : clock_(context.clock),
        log_(context.log),
        options_(std::move(options)),
        look_(std::make_shared<Look>(options_.places, context.sys)),
        worker_([look = look_] { look->source.look(look->now); }),
        groups_(context.proc),
        series_(boot_time(context.clock)) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    look(options_.open_patience);
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    if (is_absent_ && clock_.steady() < next_look_) return {};
    if (!look(options_.patience)) {
      out.add(series_.get(kCollection), 0);
      return {};
    }
    if (is_absent_) return {};
    const auto& snapshot = look_->source.snapshot();
    out.add(series_.get(kCollection), snapshot.working ? 1 : 0);
    if (snapshot.working) emit_conditions(snapshot, series_, out);
    for (const auto& gpu : snapshot.gpus) {
      emit(gpu, snapshot.driver, series_, out);
      divide(gpu.reading, groups_, shares_);
      emit(gpu.identity, shares_, series_, out);
    }
    emit_calls(snapshot.calls, series_, out);
    groups_.forget_old();
    series_.sweep();
    return {};
  }

 private:
  // Where there is no GPU, one may still be plugged in, or a driver loaded.
  static constexpr std::chrono::minutes kAbsentPause{5};

  // False: the driver has not answered.
  bool look(std::chrono::milliseconds patience) {
    if (!worker_.is_late()) look_->now = clock_.steady();
    const bool answered = worker_.run(patience);
    if (!answered) {
      is_absent_ = false;
      tell("the NVIDIA driver hangs: a call has not returned; see the kernel's log");
      set_coverage(SignalState::kUnavailable, {}, told_);
      return false;
    }
    const auto& snapshot = look_->source.snapshot();
    is_absent_ = snapshot.absent;
    if (is_absent_) next_look_ = clock_.steady() + kAbsentPause;
    tell(snapshot.problem);
    cover(snapshot);
    return true;
  }

  // Once for each thing that is wrong.
  void tell(std::string_view problem) {
    if (told_ == problem) return;
    if (problem.empty()) {
      log_.info("collector.gpu", "the GPUs answer again");
    } else if (is_absent_) {
      log_.info("collector.gpu", "no GPU here: {}", problem);
    } else {
      log_.warning("collector.gpu", "{}", problem);
    }
    told_ = problem;
  }

  void cover(const GpuSnapshot& snapshot) {
    if (!snapshot.working) {
      set_coverage(SignalState::kUnavailable, {}, snapshot.problem);
      return;
    }
    set_coverage(SignalState::kAvailable, snapshot.library, {});
    if (!snapshot.missing.empty()) {
      coverage_[0].state = SignalState::kDegraded;
      coverage_[0].reason = "this version of the library lacks " + snapshot.missing;
    }
    const auto tells_processes = [](const GpuState& gpu) { return gpu.reading.processes_known; };
    if (std::ranges::none_of(snapshot.gpus, tells_processes)) {
      coverage_[1] = {.signal = coverage_[1].signal,
                      .state = SignalState::kUnavailable,
                      .mechanism = {},
                      .reason = "no GPU tells its processes"};
    }
  }

  void set_coverage(SignalState state, std::string_view mechanism, std::string_view reason) {
    for (auto& coverage : coverage_) {
      coverage.state = state;
      coverage.mechanism = mechanism;
      coverage.reason = reason;
    }
  }

  const Clock& clock_;
  Log& log_;
  Options options_;
  std::shared_ptr<Look> look_;
  Worker worker_;
  ProcessGroups groups_;
  std::vector<GpuShare> shares_;
  SeriesTable series_;
  bool is_absent_ = false;
  Clock::Steady next_look_{};
  std::string told_;
  std::array<Coverage, 2> coverage_{Coverage{.signal = "gpu.devices"},
                                    Coverage{.signal = "gpu.processes"}};
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return make_with(context, {.places = NvmlLibrary::places()});
}

std::unique_ptr<Collector> make_with(const CollectorContext& context, Options options) {
  return std::make_unique<Gpu>(context, std::move(options));
}

}  // namespace plumbline::gpu
