// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "agent/core/result.h"

namespace plumbline::bpf {

// A BPF array with BPF_F_MMAPABLE seen as memory: the kernel programs write it while it is read.
template <class T>
class MappedArray {
 public:
  static_assert(sizeof(T) % 8 == 0, "the kernel rounds elements up to 8 bytes");

  MappedArray() = default;

  // All of `map`, which belongs to a loaded object; the mapping outlives it if it must.
  static Result<MappedArray> of(const bpf_map* map) { return of(map, bpf_map__max_entries(map)); }
  // Its first `length` elements. What is mapped counts as memory of this process.
  static Result<MappedArray> of(const bpf_map* map, std::size_t length) {
    void* memory = ::mmap(
        nullptr, length * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
    if (memory == MAP_FAILED) {
      return errno_error(errno, std::string("cannot map BPF array ") + bpf_map__name(map));
    }
    return MappedArray(static_cast<T*>(memory), length);
  }

  MappedArray(MappedArray&& other) noexcept : all_(std::exchange(other.all_, {})) {}
  MappedArray& operator=(MappedArray&& other) noexcept {
    std::swap(all_, other.all_);
    return *this;
  }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;
  ~MappedArray() {
    if (!all_.empty()) ::munmap(all_.data(), all_.size_bytes());
  }

  std::span<T> all() const { return all_; }
  std::size_t size() const { return all_.size(); }
  T& operator[](std::size_t i) const { return all_[i]; }

 private:
  MappedArray(T* first, std::size_t length) : all_(first, length) {}

  std::span<T> all_;
};

// Takes what a kernel program has added up in `counter` and leaves zero. Nothing added meanwhile is
// lost.
template <class T>
T take(T& counter) {
  const std::atomic_ref shared(counter);
  // Most counters are zero most of the time, and looking is cheaper than a locked exchange.
  if (shared.load(std::memory_order_relaxed) == 0) return 0;
  return shared.exchange(0, std::memory_order_relaxed);
}

}  // namespace plumbline::bpf
