// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/gpu_device.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace plumbline::gpu {
namespace {

using nvml::Status;

constexpr double kPercent = 0.01;
constexpr double kMilli = 1e-3;
constexpr std::uint64_t kMega = 1'000'000;

// Bits of "clocks event reasons" in the order of Slowdown.
constexpr std::array<unsigned long long, kSlowdownNames.size()> kReasons{
    0x4, 0x10, 0x20, 0x40, 0x80};

std::string text_of(const char* text) {
  return text;
}

// "00000000:1B:00.0" → "0000:1b:00.0"
std::string sysfs_address(std::string_view text) {
  constexpr std::size_t kDomain = 8;
  constexpr std::size_t kShortDomain = 4;
  if (text.find(':') == kDomain) text.remove_prefix(kDomain - kShortDomain);
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// The process of this pid, made where there is none.
GpuProcess& process_of(unsigned pid, GpuReading& reading) {
  auto& all = reading.processes;
  const auto at = std::ranges::lower_bound(all, pid, {}, &GpuProcess::pid);
  if (at != all.end() && at->pid == pid) return *at;
  return *all.insert(at, GpuProcess{.pid = pid});
}

// It will never answer otherwise while this driver is loaded.
bool is_unsupported(Status status) {
  return status == Status::kNotSupported || status == Status::kFunctionNotFound ||
         status == Status::kArgumentVersionMismatch || status == Status::kDeprecated ||
         status == Status::kInvalidArgument;
}

}  // namespace

std::uint64_t Unwrapped::next(std::uint64_t value, bool is_32_bit) {
  constexpr std::uint64_t kTurn = 1ULL << 32U;
  if (is_32_bit && last_ && value < *last_) base_ += kTurn;
  last_ = value;
  return base_ + value;
}

Status GpuDevice::identify(GpuIdentity& out) {
  const auto& functions = nvml_->functions();
  std::array<char, nvml::kTextLength> text{};
  const auto status = nvml_->call(
      Call::kUuid, functions.uuid, handle_, text.data(), static_cast<unsigned>(text.size() - 1));
  if (status != Status::kSuccess) return status;
  out.uuid = text_of(text.data());
  const auto read = [&](Call which, auto function, std::string& into) {
    text.fill('\0');
    into.clear();
    if (ask(which, function, text.data(), static_cast<unsigned>(text.size() - 1))) {
      into = text_of(text.data());
    }
  };
  read(Call::kName, functions.name, out.model);
  read(Call::kSerial, functions.serial, out.serial);
  nvml::PciInfo pci{};
  if (ask(Call::kPci, functions.pci, &pci)) out.pci = sysfs_address(text_of(pci.bus_id));
  return Status::kSuccess;
}

GpuDevice::Outcome GpuDevice::read(Tier tier, GpuReading& out) {
  outcome_ = Outcome::kRead;
  read_utilization(out);
  if (outcome_ == Outcome::kRead) read_samples(out);
  if (tier >= Tier::kMedium && outcome_ == Outcome::kRead) {
    read_memory(out);
    read_board(tier, out);
  }
  if (tier >= Tier::kSlow && outcome_ == Outcome::kRead) read_processes(out);
  return outcome_;
}

bool GpuDevice::judge(Call which, Status status) {
  if (status == Status::kSuccess) return true;
  note(status);
  if (is_unsupported(status)) unsupported_.set(static_cast<std::size_t>(which));
  return false;
}

void GpuDevice::note(Status status) {
  switch (status) {
    case Status::kGpuIsLost:
    case Status::kResetRequired:
    case Status::kGpuNotFound:
      outcome_ = Outcome::kLost;
      break;
    case Status::kUninitialized:
    case Status::kDriverNotLoaded:
    case Status::kVersionMismatch:
      outcome_ = Outcome::kBroken;
      break;
    case Status::kUnknown:
    case Status::kOperatingSystem:
      outcome_ = std::max(outcome_, Outcome::kFailed);
      break;
    default:
      break;
  }
}

void GpuDevice::read_utilization(GpuReading& out) {
  const auto& functions = nvml_->functions();
  out.utilization.reset();
  out.memory_activity.reset();
  out.encoder.reset();
  out.decoder.reset();
  nvml::Utilization value{};
  if (ask(Call::kUtilization, functions.utilization, &value)) {
    out.utilization = value.gpu * kPercent;
    out.memory_activity = value.memory * kPercent;
  }
  unsigned percent = 0;
  unsigned period = 0;
  if (ask(Call::kEncoder, functions.encoder, &percent, &period)) out.encoder = percent * kPercent;
  if (ask(Call::kDecoder, functions.decoder, &percent, &period)) out.decoder = percent * kPercent;
}

void GpuDevice::read_memory(GpuReading& out) {
  const auto& functions = nvml_->functions();
  out.memory_total.reset();
  out.memory_used.reset();
  out.memory_free.reset();
  out.memory_reserved.reset();
  if (has_memory_split_) {
    nvml::MemoryV2 split{.version = nvml::version_of<nvml::MemoryV2>(2)};
    const auto status = nvml_->call(Call::kMemory, functions.memory_v2, handle_, &split);
    if (status == Status::kSuccess) {
      out.memory_total = split.total;
      out.memory_used = split.used;
      out.memory_free = split.free;
      out.memory_reserved = split.reserved;
      return;
    }
    note(status);
    has_memory_split_ = !is_unsupported(status);
  }
  nvml::Memory whole{};
  if (ask(Call::kMemory, functions.memory, &whole)) {
    out.memory_total = whole.total;
    out.memory_used = whole.used;
    out.memory_free = whole.free;
  }
}

void GpuDevice::read_board(Tier tier, GpuReading& out) {
  const auto& functions = nvml_->functions();
  unsigned number = 0;
  out.temperature.reset();
  if (ask(Call::kTemperature, functions.temperature, nvml::kCoreSensor, &number)) {
    out.temperature = number;
  }
  out.sm_clock.reset();
  out.memory_clock.reset();
  if (ask(Call::kClock, functions.clock, nvml::kSmClock, &number)) out.sm_clock = number * kMega;
  if (ask(Call::kClock, functions.clock, nvml::kMemoryClock, &number)) {
    out.memory_clock = number * kMega;
  }
  unsigned long long reasons = 0;
  out.is_slowed = {};
  if (ask(Call::kSlowdowns, functions.slowdowns, &reasons)) {
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
      out.is_slowed.at(i) = (reasons & kReasons.at(i)) != 0;
    }
  }
  read_fields(tier, out);
  if (!out.power && ask(Call::kPower, functions.power, &number)) out.power = number * kMilli;
  unsigned long long millijoules = 0;
  if (!out.energy && ask(Call::kEnergy, functions.energy, &millijoules)) {
    out.energy = static_cast<double>(millijoules) * kMilli;
  }
}

void GpuDevice::read_fields(Tier tier, GpuReading& out) {
  fields_.clear();
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto& spec = kFieldTable.at(i);
    if (spec.tier > tier) continue;
    forget(spec, out);
    if (unsupported_fields_.test(i)) continue;
    fields_.push_back({.field = spec.id, .scope = spec.scope});
  }
  if (fields_.empty()) return;
  if (ask(Call::kFields,
          nvml_->functions().fields,
          static_cast<int>(fields_.size()),
          fields_.data())) {
    take_fields(out);
  }
}

void GpuDevice::take_fields(GpuReading& out) {
  for (const auto& value : fields_) {
    const auto index = field_index(value.field);
    if (index == kFields) continue;
    if (value.status != Status::kSuccess) {
      note(value.status);
      if (is_unsupported(value.status)) unsupported_fields_.set(index);
      continue;
    }
    take(kFieldTable.at(index), value, out);
    const bool is_32_bit = value.type == nvml::ValueType::kUnsigned;
    if (value.field == kPcieSentField && out.pcie_sent) {
      out.pcie_sent = pcie_sent_.next(*out.pcie_sent, is_32_bit);
    } else if (value.field == kPcieReceivedField && out.pcie_received) {
      out.pcie_received = pcie_received_.next(*out.pcie_received, is_32_bit);
    }
  }
}

// The list may grow between two calls, so a size that did not suffice is tried again, larger.
template <class Item, class Read>
Status GpuDevice::read_list(std::vector<Item>& list, Read read) {
  constexpr int kTries = 3;
  constexpr unsigned kMore = 16;
  if (list.capacity() == 0) list.resize(kFirstList);
  auto status = Status::kInsufficientSize;
  for (int i = 0; i < kTries && status == Status::kInsufficientSize; ++i) {
    list.resize(list.capacity());
    auto count = static_cast<unsigned>(list.size());
    status = read(list.data(), &count);
    if (status == Status::kInsufficientSize) {
      list.resize(std::min(std::max<std::size_t>(count, list.size()) + kMore, kMaxList));
    } else {
      list.resize(status == Status::kSuccess ? std::min<std::size_t>(count, list.size()) : 0);
    }
  }
  return status;
}

void GpuDevice::read_processes(GpuReading& out) {
  out.processes_known = false;
  if (unsupported_.test(static_cast<std::size_t>(Call::kProcesses))) return;
  const auto status = read_list(processes_, [&](nvml::ProcessInfo* list, unsigned* count) {
    return nvml_->call(Call::kProcesses, nvml_->functions().processes, handle_, count, list);
  });
  if (!judge(Call::kProcesses, status)) return;
  out.processes_known = true;
  out.processes.clear();
  for (const auto& process : processes_) {
    auto& entry = process_of(process.pid, out);
    if (process.memory == nvml::kNotAvailable) continue;
    entry.memory = entry.memory.value_or(0) + process.memory;
  }
  take_samples(out);
}

// Utilization is the mean of a process's samples since the last look at this GPU; two processes may
// have samples of the same time.
void GpuDevice::read_samples(GpuReading& out) {
  samples_known_ = false;
  if (unsupported_.test(static_cast<std::size_t>(Call::kSamples))) return;
  const auto status = read_list(samples_, [&](nvml::ProcessSample* list, unsigned* count) {
    return nvml_->call(
        Call::kSamples, nvml_->functions().samples, handle_, list, count, last_seen_);
  });
  samples_known_ = status == Status::kNotFound || judge(Call::kSamples, status);
  if (status == Status::kNotFound) samples_.clear();  // nobody was busy
  std::erase_if(samples_, [&](const auto& sample) { return sample.timestamp <= last_seen_; });
  for (const auto& sample : samples_) last_seen_ = std::max(last_seen_, sample.timestamp);
  std::ranges::sort(samples_, {}, &nvml::ProcessSample::pid);
  take_samples(out);
}

void GpuDevice::take_samples(GpuReading& out) {
  for (auto& process : out.processes) {
    process.utilization.reset();
    if (samples_known_) process.utilization = 0;
  }
  for (std::size_t i = 0; i < samples_.size();) {
    const auto pid = samples_[i].pid;
    double sum = 0;
    std::size_t count = 0;
    for (; i < samples_.size() && samples_[i].pid == pid; ++i, ++count) sum += samples_[i].sm;
    process_of(pid, out).utilization = sum * kPercent / static_cast<double>(count);
  }
}

}  // namespace plumbline::gpu
