// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/pressure.h"

#include <array>

#include "collectors/node/pressure_signals.h"

namespace plumbline::node {
namespace {

// "irq" (full only) needs CONFIG_IRQ_TIME_ACCOUNTING, which Debian does not set.
constexpr std::array<std::string_view, 3> kResources{"cpu", "memory", "io"};

class PressureTopic final : public Topic {
 public:
  explicit PressureTopic(const std::filesystem::path& proc)
      : Topic("node.pressure", "needs a kernel with CONFIG_PSI, started with psi=1"),
        files_{&file(proc / "pressure/cpu"),
               &file(proc / "pressure/memory"),
               &file(proc / "pressure/io")} {}

  void collect(Tick& tick) override {
    for (std::size_t i = 0; i < kResources.size(); ++i) {
      const auto text = files_[i]->read(tick.buffer);
      if (!text) continue;
      const auto pressure = parse_pressure(*text);
      tick.out.add(tick.series.get(kPressureTime, {kResources[i], "some"}), pressure.some);
      tick.out.add(tick.series.get(kPressureTime, {kResources[i], "full"}), pressure.full);
    }
  }

 private:
  std::array<TextFile*, kResources.size()> files_;
};

}  // namespace

Pressure parse_pressure(std::string_view text) {
  constexpr double kMicro = 1e-6;
  constexpr std::string_view kTotal = "total=";
  Pressure out;
  while (!text.empty()) {
    auto line = take_line(text);
    const auto kind = take_word(line);
    const auto total = line.find(kTotal);
    if (total == std::string_view::npos) continue;
    const auto seconds = to_number(line.substr(total + kTotal.size())) * kMicro;
    if (kind == "some") out.some = seconds;
    if (kind == "full") out.full = seconds;
  }
  return out;
}

std::unique_ptr<Topic> make_pressure(const std::filesystem::path& proc) {
  return std::make_unique<PressureTopic>(proc);
}

}  // namespace plumbline::node
