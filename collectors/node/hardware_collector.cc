// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/hardware_collector.h"

#include <array>
#include <string>

#include "collectors/node/hardware.h"
#include "collectors/node/hardware_signals.h"

namespace plumbline::node {
namespace {

// One kind of parts, where it is found, and what it means when there is none.
struct Kind {
  std::string_view signal;
  std::string_view place;
  std::string_view none;
  std::size_t (*read)(const std::filesystem::path& sys, SeriesTable& series, Batch& out);
};

constexpr std::array kKinds{
    Kind{"hardware.cpu", "devices/system/cpu", "no CPUs there", read_cpus},
    Kind{"hardware.disk", "block", "no disks there", read_disk_sizes},
    Kind{"hardware.network", "class/net", "no network interfaces there", read_links},
    Kind{"hardware.sensors",
         "class/hwmon, class/thermal, class/powercap",
         "this machine has no sensors, or no driver for them; virtual machines have none",
         read_sensors},
    Kind{"hardware.memory_errors",
         "devices/system/edac/mc",
         "no memory controller reports errors (EDAC driver); virtual machines have none",
         read_memory_errors},
};

class Hardware final : public Collector {
 public:
  explicit Hardware(const CollectorContext& context)
      : sys_(context.sys), series_(boot_time(context.clock)) {}

  const CollectorInfo& info() const noexcept override { return kHardwareInfo; }

  Result<> open() override {
    Batch probe;
    if (read_all(probe) == 0) {
      return Error{Errc::kUnavailable, "nothing can be read below " + sys_.string()};
    }
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    read_all(out);
    return {};
  }

 private:
  std::size_t read_all(Batch& out) {
    std::size_t all = 0;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      const auto& kind = kKinds[i];
      const auto found = kind.read(sys_, series_, out);
      all += found;
      auto& coverage = coverage_[i];
      coverage.signal = kind.signal;
      coverage.state = found > 0 ? SignalState::kAvailable : SignalState::kUnavailable;
      coverage.mechanism = found > 0 ? sys_.string() + "/" + std::string(kind.place) : "";
      coverage.reason = found > 0 ? "" : std::string(kind.none);
    }
    series_.sweep();
    return all;
  }

  std::filesystem::path sys_;
  SeriesTable series_;
  std::array<Coverage, kKinds.size()> coverage_;
};

}  // namespace

std::unique_ptr<Collector> make_hardware(const CollectorContext& context) {
  return std::make_unique<Hardware>(context);
}

}  // namespace plumbline::node
