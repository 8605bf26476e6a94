// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct btf;
struct bpf_object;

namespace plumbline {
struct CollectorContext;
}

namespace plumbline::bpf {

// Which kernel hooks this machine offers and this process may use. Holds the kernel's type
// information (some MiB) while it lives: make it in open(), let it go at the end.
class Hooks {
 public:
  explicit Hooks(const CollectorContext& context);
  ~Hooks();
  Hooks(Hooks&&) noexcept;
  Hooks& operator=(Hooks&&) noexcept;
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  // Why no program at all can be loaded, and how to change that; nothing when it can be tried.
  const std::optional<std::string>& obstacle() const { return obstacle_; }

  // Why a program of this section ("tp_btf/sched_switch", "tracepoint/oom/mark_victim") cannot be
  // attached; nothing when it can be tried. The operator's bpf.deny_hooks counts as absent.
  std::optional<std::string> missing(std::string_view section) const;
  // The first such reason among the programs of an opened object that are to be loaded.
  std::optional<std::string> missing(const bpf_object& object) const;

  // Whether the kernel has `type` with a member of that name.
  bool has_member(const char* type, std::string_view member) const;
  // Whether the first argument of this tracepoint is a pointer: some got the task where they had a
  // number before.
  bool takes_pointer(std::string_view tracepoint) const;
  // How many arguments a BTF tracepoint ("tcp_send_reset") passes: kernels add them with time.
  // 0 without the tracepoint. "tcp_send_reset:2" in bpf.deny_hooks makes it at most 2.
  std::size_t arguments(std::string_view tracepoint) const;
  // The names of an enum by value; empty without the enum.
  std::unordered_map<std::int64_t, std::string> enumerators(const char* name) const;

 private:
  struct FreeBtf {
    void operator()(btf* types) const;
  };

  std::vector<std::string> denied_;
  std::filesystem::path tracefs_;  // .../tracing/events; empty when not mounted
  std::unique_ptr<btf, FreeBtf> types_;
  std::optional<std::string> obstacle_;
};

// What a process needs for tracing programs, from the CapEff line of /proc/self/status: nothing
// when it has it, else a sentence naming the capabilities that it lacks.
std::optional<std::string> missing_capabilities(std::string_view status);

}  // namespace plumbline::bpf
