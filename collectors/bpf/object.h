// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bpf/libbpf.h>

#include "agent/core/result.h"
#include "collectors/bpf/hooks.h"

namespace plumbline::bpf {

// While one lives, what libbpf and the verifier say on this thread is kept here instead of being
// printed. Without one they are silent.
class LibbpfMessages {
 public:
  LibbpfMessages();
  ~LibbpfMessages();
  LibbpfMessages(const LibbpfMessages&) = delete;
  LibbpfMessages& operator=(const LibbpfMessages&) = delete;
  LibbpfMessages(LibbpfMessages&&) = delete;
  LibbpfMessages& operator=(LibbpfMessages&&) = delete;

  void append(std::string_view text);
  // errno `number` while doing `what`, with the line that explains it best.
  Error error(int number, std::string_view what) const;

 private:
  static constexpr std::size_t kKeep = 64U << 10U;  // the end of a long verifier log

  LibbpfMessages* outer_;
  std::string text_;
};

// What one program has done since it was loaded. run_time and runs move only while BPF statistics
// are on (kernel.bpf_stats_enabled, or a descriptor of BPF_ENABLE_STATS held open).
struct ProgramStats {
  std::string name;
  std::uint64_t run_time_ns = 0;
  std::uint64_t runs = 0;
  std::uint64_t recursion_misses = 0;  // runs skipped because the program interrupted itself
};

std::vector<ProgramStats> program_stats(const bpf_object& object);

// One BPF object: the generated skeleton S, opened, loaded, attached; detached and closed at the
// end. One object holds the programs of one signal, so that a refusal costs one signal.
template <class S>
class Object {
 public:
  // Parses the embedded object; then set rodata and map sizes, and start(). Fails when a hook of
  // one of its programs is missing.
  static Result<Object> open(const Hooks& hooks) {
    const LibbpfMessages messages;
    Object object(S::open());
    if (!object.skeleton_) return messages.error(errno, "cannot read a built-in BPF object");
    if (auto reason = hooks.missing(*object.skeleton_->obj)) {
      return Error{.code = hooks.obstacle() ? Errc::kDenied : Errc::kUnsupported,
                   .what = *std::move(reason)};
    }
    return object;
  }

  Object(Object&& other) noexcept : skeleton_(std::exchange(other.skeleton_, nullptr)) {}
  Object& operator=(Object&& other) noexcept {
    std::swap(skeleton_, other.skeleton_);
    return *this;
  }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() {
    const LibbpfMessages quiet;
    S::destroy(skeleton_);
  }

  // Loads and attaches every program that is not set aside with bpf_program__set_autoload.
  Result<> start() {
    const LibbpfMessages messages;
    const char* name = bpf_object__name(skeleton_->obj);
    if (const int error = S::load(skeleton_); error != 0) {
      return messages.error(-error, std::string("the kernel refused BPF object ") + name);
    }
    if (const int error = S::attach(skeleton_); error != 0) {
      return messages.error(-error, std::string("cannot attach BPF object ") + name);
    }
    return {};
  }

  S* operator->() { return skeleton_; }
  const S* operator->() const { return skeleton_; }
  const bpf_object& object() const { return *skeleton_->obj; }

 private:
  explicit Object(S* skeleton) : skeleton_(skeleton) {}

  S* skeleton_;
};

}  // namespace plumbline::bpf
