// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/machine.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/quantity.h"
#include "agent/identity/cgroups.h"

namespace plumbline {
namespace {

using State = MachineFact::State;
namespace fs = std::filesystem;

// Empty when it cannot be read.
std::string read_text(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

MachineFact kernel_fact() {
  utsname names{};
  if (::uname(&names) != 0) {
    return {.name = "kernel", .value = "unknown", .state = State::kUnknown, .advice = {}};
  }
  return {.name = "kernel",
          .value = fmt::format("{} {} {}",
                               static_cast<const char*>(names.sysname),
                               static_cast<const char*>(names.release),
                               static_cast<const char*>(names.machine)),
          .advice = {}};
}

MachineFact btf_fact(const fs::path& sys) {
  const auto file = sys / "kernel/btf/vmlinux";
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!error) {
    return {.name = "BTF",
            .value = fmt::format("{}, {} KiB", file.string(), size >> 10U),
            .advice = {}};
  }
  return {.name = "BTF",
          .value = fmt::format("no {}", file.string()),
          .state = State::kLacking,
          .advice =
              "eBPF programs need the kernel's type information: a kernel built with "
              "CONFIG_DEBUG_INFO_BTF=y, as those of Debian, Ubuntu, Fedora, RHEL and Amazon "
              "Linux are"};
}

MachineFact tracefs_fact(const fs::path& sys) {
  for (const auto* path : {"kernel/tracing", "kernel/debug/tracing"}) {
    std::error_code error;
    const auto events = sys / path / "events";
    if (fs::is_directory(events, error)) {
      return {.name = "tracefs", .value = (sys / path).string(), .advice = {}};
    }
  }
  return {.name = "tracefs",
          .value = "not mounted, or not readable",
          .state = State::kLacking,
          .advice =
              "the fallback to classic tracepoints needs it: mount -t tracefs tracefs "
              "/sys/kernel/tracing; in a container mount the host's /sys/kernel/tracing"};
}

// "none [integrity] confidentiality": the one in brackets holds.
MachineFact lockdown_fact(const fs::path& sys) {
  const auto text = read_text(sys / "kernel/security/lockdown");
  const auto open = text.find('[');
  if (open == std::string::npos) {
    return {.name = "lockdown",
            .value = "not told by this kernel",
            .state = State::kUnknown,
            .advice = {}};
  }
  auto mode = text.substr(open + 1, text.find(']', open) - open - 1);
  if (mode != "confidentiality")
    return {.name = "lockdown", .value = std::move(mode), .advice = {}};
  return {.name = "lockdown",
          .value = std::move(mode),
          .state = State::kLacking,
          .advice =
              "eBPF programs may not read kernel memory: boot without "
              "lockdown=confidentiality (integrity is fine)"};
}

struct Capability {
  unsigned bit;
  std::string_view name;
  std::string_view purpose;
};
constexpr std::array kCapabilities{
    Capability{CAP_BPF, "CAP_BPF", "load eBPF programs"},
    Capability{CAP_PERFMON, "CAP_PERFMON", "attach them to tracepoints"},
    Capability{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "read other users' processes in /proc"},
    Capability{CAP_DAC_READ_SEARCH,
               "CAP_DAC_READ_SEARCH",
               "read tracefs and cgroups as a user who is not root"},
};

std::optional<std::uint64_t> effective_capabilities(const fs::path& proc) {
  const auto status = read_text(proc / "self/status");
  constexpr std::string_view kField = "CapEff:\t";
  const auto at = status.find(kField);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t bits = 0;
  const auto* const begin = status.data() + at + kField.size();
  const auto read = std::from_chars(begin, status.data() + status.size(), bits, 16);
  if (read.ec != std::errc()) return std::nullopt;
  return bits;
}

MachineFact capabilities_fact(const fs::path& proc) {
  const auto bits = effective_capabilities(proc);
  if (!bits) {
    return {.name = "capabilities", .value = "unknown", .state = State::kUnknown, .advice = {}};
  }
  const auto has = [&](unsigned bit) { return ((*bits >> bit) & 1U) != 0; };
  std::vector<std::string_view> held;
  std::vector<std::string> lacking;
  if (has(CAP_SYS_ADMIN)) held.emplace_back("CAP_SYS_ADMIN");
  for (const auto& capability : kCapabilities) {
    // As it did before Linux 5.8, CAP_SYS_ADMIN stands for both.
    const bool implied =
        has(CAP_SYS_ADMIN) && (capability.bit == CAP_BPF || capability.bit == CAP_PERFMON);
    if (has(capability.bit)) {
      held.push_back(capability.name);
    } else if (!implied) {
      lacking.push_back(fmt::format("{} to {}", capability.name, capability.purpose));
    }
  }
  MachineFact fact{.name = "capabilities",
                   .value = held.empty() ? "none" : fmt::format("{}", fmt::join(held, ", ")),
                   .advice = {}};
  if (!lacking.empty()) {
    fact.state = State::kLacking;
    fact.advice = fmt::format("run as root, or give {}", fmt::join(lacking, ", "));
  }
  return fact;
}

MachineFact cgroup_fact(const fs::path& proc) {
  const auto mounts = find_cgroup_mounts(proc);
  if (!mounts) {
    return {.name = "cgroups",
            .value = "unknown",
            .state = State::kUnknown,
            .advice = mounts.error().what};
  }
  MachineFact fact{.name = "cgroups", .value = std::string(to_string(mounts->mode)), .advice = {}};
  if (!mounts->unified.empty()) fact.value += fmt::format(", v2 at {}", mounts->unified.string());
  if (mounts->mode == CgroupMode::kNone) {
    fact.state = State::kLacking;
    fact.advice = "nothing can be told apart by container: mount -t cgroup2 cgroup2 /sys/fs/cgroup";
  }
  return fact;
}

MachineFact memlock_fact() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
    return {.name = "memlock", .value = "unknown", .state = State::kUnknown, .advice = {}};
  }
  // Since Linux 5.11 BPF maps are accounted to the memory cgroup and this does not limit them.
  return {.name = "memlock",
          .value = limit.rlim_cur == RLIM_INFINITY ? "unlimited" : format_size(limit.rlim_cur),
          .advice = {}};
}

}  // namespace

std::vector<MachineFact> machine_facts(const fs::path& proc, const fs::path& sys) {
  return {kernel_fact(),
          btf_fact(sys),
          tracefs_fact(sys),
          lockdown_fact(sys),
          capabilities_fact(proc),
          cgroup_fact(proc),
          memlock_fact()};
}

std::optional<MachineFact> devices_fact(const fs::path& socket) {
  std::error_code error;
  if (fs::is_socket(socket, error)) {
    return MachineFact{.name = "podresources", .value = socket.string(), .advice = {}};
  }
  // <kubelet's folder>/pod-resources/kubelet.sock
  if (!fs::exists(socket.parent_path().parent_path(), error)) return {};
  return MachineFact{
      .name = "podresources",
      .value = "no " + socket.string(),
      .state = State::kLacking,
      .advice = fmt::format("the devices of containers (GPUs) have no owners: mount {}",
                            socket.parent_path().string())};
}

}  // namespace plumbline
