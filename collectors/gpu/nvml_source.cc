// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/nvml_source.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collectors/gpu/pci.h"

namespace plumbline::gpu {

using nvml::Status;

NvmlSource::NvmlSource(std::vector<std::filesystem::path> places, std::filesystem::path sys)
    : places_(std::move(places)), sys_(std::move(sys)) {}

NvmlSource::~NvmlSource() {
  close();
}

void NvmlSource::look(Clock::Steady now) {
  if (!nvml_ && (now < retry_at_ || !open(now))) return;
  const auto tier = tick_ % kSlowTicks == 0     ? Tier::kSlow
                    : tick_ % kMediumTicks == 0 ? Tier::kMedium
                                                : Tier::kFast;
  ++tick_;
  failed_ = 0;
  broken_ = false;
  for (std::size_t i = 0; i < entries_.size() && !broken_; ++i) look_at(i, tier, now);
  snapshot_.calls = tallies_;
  if (broken_ || failed_ > 1) {
    fail(broken_ ? "the driver went away" : "several GPUs answer with unknown errors", now);
  }
}

bool NvmlSource::open(Clock::Steady now) {
  auto library = NvmlLibrary::open(places_);
  if (!library) {
    const bool has_device = has_pci_display(sys_, kNvidiaVendor);
    fail(has_device
             ? library.error().what + ": install the driver, or, in a container, mount its folder"
             : "no NVIDIA device and no driver of one",
         now);
    snapshot_.absent = !has_device;
    return false;
  }
  nvml_ = std::make_unique<Nvml>(*std::move(library), tallies_);
  const auto& functions = nvml_->functions();
  snapshot_.absent = false;
  snapshot_.library = nvml_->library().path();
  snapshot_.missing = fmt::format("{}", fmt::join(nvml_->library().missing(), ", "));
  auto status = nvml_->call(Call::kInit, functions.init);
  if (status != Status::kSuccess) {
    nvml_.reset();
    fail(sentence(status), now);
    return false;
  }
  unsigned count = 0;
  status = nvml_->call(Call::kDeviceCount, functions.count, &count);
  if (status != Status::kSuccess || !list(count)) {
    const bool has_device = has_pci_display(sys_, kNvidiaVendor);
    const bool none = status == Status::kSuccess && count == 0;
    fail(!none        ? sentence(status)
         : has_device ? "the driver sees none of the NVIDIA devices of this machine"
                      : "the driver is there, and no NVIDIA device",
         now);
    snapshot_.absent = none && !has_device;
    return false;
  }
  std::array<char, nvml::kTextLength> text{};
  if (nvml_->call(Call::kDriverVersion,
                  functions.driver_version,
                  text.data(),
                  static_cast<unsigned>(text.size() - 1)) == Status::kSuccess) {
    snapshot_.driver = text.data();
  }
  snapshot_.working = true;
  snapshot_.problem.clear();
  pause_ = kFirstPause;
  tick_ = 0;
  return true;
}

// Whether anything is there. GPUs that do not tell their name are counted.
bool NvmlSource::list(unsigned count) {
  const auto& functions = nvml_->functions();
  for (unsigned i = 0; i < count; ++i) {
    nvml::Device handle = nullptr;
    GpuState state;
    if (nvml_->call(Call::kHandle, functions.handle, i, &handle) == Status::kSuccess) {
      GpuDevice device(*nvml_, handle);
      if (device.identify(state.identity) == Status::kSuccess) {
        entries_.push_back({.device = std::move(device)});
        snapshot_.gpus.push_back(std::move(state));
        continue;
      }
    }
    ++snapshot_.unreachable;
  }
  return count > 0;
}

void NvmlSource::look_at(std::size_t index, Tier tier, Clock::Steady now) {
  auto& entry = entries_[index];
  auto& state = snapshot_.gpus[index];
  if (state.health == GpuHealth::kLost && now < entry.probe_at) return;
  const bool was_lost = state.health == GpuHealth::kLost;
  const auto outcome = entry.device.read(was_lost ? Tier::kSlow : tier, state.reading);
  switch (outcome) {
    case GpuDevice::Outcome::kLost:
      state.health = GpuHealth::kLost;
      state.reading = {};
      entry.probe_at = now + kLostPause;
      return;
    case GpuDevice::Outcome::kBroken:
      broken_ = true;
      return;
    case GpuDevice::Outcome::kFailed:
      ++failed_;
      break;
    case GpuDevice::Outcome::kRead:
      break;
  }
  const auto& reading = state.reading;
  const bool wants_care = reading.recovery_action.value_or(0) != 0 ||
                          reading.remap_failed.value_or(false) ||
                          reading.remap_pending.value_or(false);
  state.health =
      wants_care || outcome == GpuDevice::Outcome::kFailed ? GpuHealth::kDegraded : GpuHealth::kOk;
}

void NvmlSource::fail(std::string problem, Clock::Steady now) {
  close();
  snapshot_.working = false;
  snapshot_.problem = std::move(problem);
  snapshot_.calls = tallies_;
  retry_at_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void NvmlSource::close() {
  entries_.clear();
  snapshot_.gpus.clear();
  snapshot_.unreachable = 0;
  snapshot_.driver.clear();
  if (nvml_) nvml_->call(Call::kShutdown, nvml_->functions().shutdown);
  nvml_.reset();
}

std::string sentence(Status status) {
  switch (status) {
    case Status::kDriverNotLoaded:
      return "the NVIDIA driver is not loaded: modprobe nvidia, and see the kernel's log";
    case Status::kVersionMismatch:
      return "the NVIDIA library and the loaded driver are of different versions: load the driver "
             "anew, or restart the machine";
    case Status::kNoPermission:
      return "this user may not open /dev/nvidiactl";
    case Status::kFunctionNotFound:
      return "the NVIDIA library is too old: it lacks what every version since 2012 has";
    default:
      return fmt::format("the NVIDIA driver answers with error {}", static_cast<int>(status));
  }
}

}  // namespace plumbline::gpu
