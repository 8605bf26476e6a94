// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plumbline::irq {

// The softirq of the kernel's number, as the node collector names it; empty for one not known.
std::string_view softirq_name(std::uint32_t number);

// Calls visit(label, total) for each line of /proc/interrupts: the label without its colon ("24",
// "LOC") and the sum over all CPUs. Lines that are none are left out; numbers beyond the CPUs of
// the header are not counts.
void parse_interrupts(std::string_view text,
                      const std::function<void(std::string_view, std::uint64_t)>& visit);

// Names of device interrupts by number.
class HandlerNames {
 public:
  explicit HandlerNames(std::filesystem::path sys) : sys_(std::move(sys)) {}

  // The names of its handlers ("virtio0-input.0", "i801_smbus,eth0"); its number when nothing is
  // attached. Kept until forget().
  const std::string& of(std::uint32_t number);
  // Drivers come and go: read again what is asked for next.
  void forget() { names_.clear(); }

 private:
  std::filesystem::path sys_;
  std::unordered_map<std::uint32_t, std::string> names_;
};

// Interrupts by kind and name. Those of one name are added up; beyond kMost names the device
// interrupts are one, "_other".
class Counts {
 public:
  static constexpr std::size_t kMost = 256;

  // Reads a whole /proc/interrupts.
  void read(std::string_view text, HandlerNames& names);
  // Calls visit(kind, name, count); kind is "device" or "cpu".
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [name, count] : devices_) visit("device", std::string_view(name), count.sum);
    for (const auto& [name, count] : cpu_) visit("cpu", std::string_view(name), count.sum);
  }

 private:
  struct Count {
    std::uint64_t sum = 0;
    bool present = false;  // in the last read
  };
  using ByName = std::map<std::string, Count, std::less<>>;

  static void add(ByName& to, std::string_view name, std::uint64_t count);

  ByName devices_;
  ByName cpu_;
};

}  // namespace plumbline::irq
