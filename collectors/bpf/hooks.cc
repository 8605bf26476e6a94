// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/hooks.h"

#include <linux/capability.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "agent/config/config.h"
#include "collectors/bpf/object.h"
#include "collectors/collector.h"

namespace plumbline::bpf {
namespace {

constexpr std::string_view kBtfSection = "tp_btf/";
constexpr std::string_view kIteratorSection = "iter/";
constexpr std::string_view kClassicSection = "tracepoint/";

std::string read_status(const std::filesystem::path& proc) {
  std::ifstream file(proc / "self/status");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path find_tracefs(const std::filesystem::path& sys) {
  for (const auto* place : {"kernel/tracing/events", "kernel/debug/tracing/events"}) {
    std::error_code ignored;
    if (std::filesystem::is_directory(sys / place, ignored)) return sys / place;
  }
  return {};
}

// typedef void (*btf_trace_NAME)(void *data, first, ...); null when there is none.
const btf_type* prototype_of(const btf* types, std::string_view tracepoint) {
  if (!types) return nullptr;
  const auto name = fmt::format("btf_trace_{}", tracepoint);
  const auto id = btf__find_by_name_kind(types, name.c_str(), BTF_KIND_TYPEDEF);
  if (id < 0) return nullptr;
  const auto* pointer = btf__type_by_id(types, static_cast<__u32>(id));
  pointer = btf__type_by_id(types, pointer->type);
  const auto* function = btf__type_by_id(types, pointer->type);
  return btf_is_func_proto(function) ? function : nullptr;
}

}  // namespace

std::optional<std::string> missing_capabilities(std::string_view status) {
  constexpr std::string_view kKey = "CapEff:\t";
  const auto at = status.find(kKey);
  if (at == std::string_view::npos) return {};
  std::uint64_t held = 0;
  const char* first = status.data() + at + kKey.size();
  std::from_chars(first, status.data() + status.size(), held, 16);
  const auto has = [held](unsigned capability) { return (held >> capability & 1U) != 0; };
  if (has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON))) return {};
  return "needs CAP_BPF and CAP_PERFMON: run as root, or grant both to the service";
}

void Hooks::FreeBtf::operator()(btf* types) const {
  btf__free(types);
}

Hooks::Hooks(const CollectorContext& context)
    : denied_(context.config.bpf.deny_hooks), tracefs_(find_tracefs(context.sys)) {
  const LibbpfMessages quiet;
  if (auto lacking = missing_capabilities(read_status(context.proc))) {
    obstacle_ = std::move(lacking);
    return;
  }
  const auto path = context.sys / "kernel/btf/vmlinux";
  types_.reset(btf__parse(path.c_str(), nullptr));
  if (!types_) {
    obstacle_ = fmt::format(
        "the kernel shows no type information at {}: it needs CONFIG_DEBUG_INFO_BTF, and sysfs "
        "mounted",
        path.native());
  }
}

Hooks::~Hooks() = default;
Hooks::Hooks(Hooks&&) noexcept = default;
Hooks& Hooks::operator=(Hooks&&) noexcept = default;

std::optional<std::string> Hooks::missing(std::string_view section) const {
  const auto name = section.substr(section.rfind('/') + 1);
  if (std::ranges::find(denied_, name) != denied_.end() ||
      std::ranges::find(denied_, section) != denied_.end()) {
    return fmt::format("tracepoint {} is denied by the configuration (bpf.deny_hooks)", name);
  }
  if (obstacle_) return obstacle_;
  if (section.starts_with(kBtfSection)) {
    const auto type = fmt::format("btf_trace_{}", name);
    if (btf__find_by_name_kind(types_.get(), type.c_str(), BTF_KIND_TYPEDEF) < 0) {
      return fmt::format("this kernel has no tracepoint {}", name);
    }
  } else if (section.starts_with(kIteratorSection)) {
    const auto type = fmt::format("bpf_iter_{}", name);
    if (btf__find_by_name_kind(types_.get(), type.c_str(), BTF_KIND_FUNC) < 0) {
      return fmt::format("this kernel has no BPF iterator {}", name);
    }
  } else if (section.starts_with(kClassicSection)) {
    if (tracefs_.empty()) {
      return fmt::format(
          "tracepoint {} needs tracefs: mount -t tracefs tracefs /sys/kernel/tracing", name);
    }
    std::error_code ignored;
    if (!std::filesystem::exists(tracefs_ / section.substr(kClassicSection.size()), ignored)) {
      return fmt::format("this kernel has no tracepoint {}", name);
    }
  }
  return {};
}

std::optional<std::string> Hooks::missing(const bpf_object& object) const {
  const bpf_program* program = nullptr;
  while ((program = bpf_object__next_program(&object, const_cast<bpf_program*>(program)))) {
    if (!bpf_program__autoload(program)) continue;
    if (auto reason = missing(bpf_program__section_name(program))) return reason;
  }
  return {};
}

bool Hooks::has_member(const char* type, std::string_view member) const {
  if (!types_) return false;
  const auto id = btf__find_by_name_kind(types_.get(), type, BTF_KIND_STRUCT);
  if (id < 0) return false;
  const auto* found = btf__type_by_id(types_.get(), static_cast<__u32>(id));
  const auto* members = btf_members(found);
  return std::any_of(members, members + btf_vlen(found), [&](const btf_member& one) {
    return member == btf__name_by_offset(types_.get(), one.name_off);
  });
}

bool Hooks::takes_pointer(std::string_view tracepoint) const {
  const auto* function = prototype_of(types_.get(), tracepoint);
  if (!function || btf_vlen(function) < 2) return false;
  return btf_is_ptr(btf__type_by_id(types_.get(), btf_params(function)[1].type));
}

std::size_t Hooks::arguments(std::string_view tracepoint) const {
  const auto* function = prototype_of(types_.get(), tracepoint);
  std::size_t count = function && btf_vlen(function) > 0 ? btf_vlen(function) - 1U : 0;
  const auto prefix = fmt::format("{}:", tracepoint);
  for (const std::string_view entry : denied_) {
    if (!entry.starts_with(prefix)) continue;
    std::size_t most = count;
    std::from_chars(entry.data() + prefix.size(), entry.data() + entry.size(), most);
    count = std::min(count, most);
  }
  return count;
}

std::unordered_map<std::int64_t, std::string> Hooks::enumerators(const char* name) const {
  std::unordered_map<std::int64_t, std::string> names;
  if (!types_) return names;
  const auto id = btf__find_by_name_kind(types_.get(), name, BTF_KIND_ENUM);
  if (id < 0) return names;
  const auto* type = btf__type_by_id(types_.get(), static_cast<__u32>(id));
  const auto* values = btf_enum(type);
  for (int i = 0; i < btf_vlen(type); ++i) {
    names.emplace(values[i].val, btf__name_by_offset(types_.get(), values[i].name_off));
  }
  return names;
}

}  // namespace plumbline::bpf
