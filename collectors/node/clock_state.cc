// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/clock_state.h"

#include <cerrno>

#include "collectors/node/kernel_signals.h"

namespace plumbline::node {
namespace {

class ClockTopic final : public Topic {
 public:
  ClockTopic() : Topic("node.clock") {}

  void collect(Tick& tick) override {
    timex kernel{};
    error_ = ::adjtimex(&kernel) < 0 ? errno : 0;
    if (error_ != 0) return;
    const auto state = to_clock_state(kernel);
    tick.out.add(tick.series.get(kClockSynchronized), state.synchronized ? 1 : 0);
    tick.out.add(tick.series.get(kClockOffset), state.offset);
    tick.out.add(tick.series.get(kClockMaxError), state.max_error);
    tick.out.add(tick.series.get(kClockEstimatedError), state.estimated_error);
    tick.out.add(tick.series.get(kClockFrequency), state.frequency_adjustment);
  }

  SignalState state() const override {
    return error_ == 0 ? SignalState::kAvailable : SignalState::kUnavailable;
  }
  Coverage coverage() const override {
    if (error_ == 0) {
      return {.signal = signal(), .state = state(), .mechanism = "adjtimex", .reason = {}};
    }
    return {.signal = signal(),
            .state = state(),
            .mechanism = {},
            .reason = errno_error(error_, "adjtimex failed").what};
  }

 private:
  int error_ = 0;
};

}  // namespace

ClockState to_clock_state(const timex& kernel) {
  const double offset_unit = (kernel.status & STA_NANO) != 0 ? 1e-9 : 1e-6;
  constexpr double kMicro = 1e-6;
  constexpr double kFrequencyUnit = 1.0 / 65536 * 1e-6;  // parts per million with 16 bits behind
  return {.synchronized = (kernel.status & STA_UNSYNC) == 0,
          .offset = static_cast<double>(kernel.offset) * offset_unit,
          .max_error = static_cast<double>(kernel.maxerror) * kMicro,
          .estimated_error = static_cast<double>(kernel.esterror) * kMicro,
          .frequency_adjustment = static_cast<double>(kernel.freq) * kFrequencyUnit};
}

std::unique_ptr<Topic> make_clock_state() {
  return std::make_unique<ClockTopic>();
}

}  // namespace plumbline::node
