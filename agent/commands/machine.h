// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace plumbline {

// What a machine, and this process on it, bring along for measuring.
struct MachineFact {
  enum class State : std::uint8_t { kGood, kLacking, kUnknown };

  std::string name;   // "BTF"
  std::string value;  // "/sys/kernel/btf/vmlinux, 5.6 MiB"
  State state = State::kGood;
  std::string advice;  // what it is needed for and how to get it; empty when it is there
};

// Kernel, BTF, tracefs, lockdown, capabilities, cgroups, memlock; in that order, always all of
// them. `proc` and `sys` are /proc and /sys.
std::vector<MachineFact> machine_facts(const std::filesystem::path& proc,
                                       const std::filesystem::path& sys);

// Whether the kubelet's podresources can tell whose a device is; nothing on a machine that has no
// kubelet.
std::optional<MachineFact> devices_fact(const std::filesystem::path& socket);

}  // namespace plumbline
