// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "agent/core/result.h"

namespace plumbline::bpf {

// The entries of a BPF hash map, read in batches. Belongs to a loaded object and must not outlive
// it. Values go on changing while they are read, each number by itself is whole.
template <class Key, class Value>
class HashTable {
 public:
  static_assert(std::is_trivially_copyable_v<Key> && std::is_trivially_copyable_v<Value>);

  HashTable() = default;
  explicit HashTable(const bpf_map* map) : fd_(bpf_map__fd(map)), name_(bpf_map__name(map)) {}

  // Calls visit(key, value) for every entry; one added or removed meanwhile may be missed. Of no
  // table there are none.
  template <class Visit>
  Result<> each(Visit&& visit) {
    if (fd_ < 0) return {};
    keys_.resize(kBatch);
    values_.resize(kBatch);
    // The kernel's own position in the table, opaque: as long as a key, at least 4 bytes.
    std::uint32_t position = 0;
    bool begun = false;
    for (;;) {
      auto count = static_cast<__u32>(keys_.size());
      const int error = bpf_map_lookup_batch(fd_,
                                             begun ? &position : nullptr,
                                             &position,
                                             keys_.data(),
                                             values_.data(),
                                             &count,
                                             nullptr);
      if (error == -ENOSPC) {  // one bucket of the table holds more than a batch
        keys_.resize(keys_.size() * 2);
        values_.resize(keys_.size());
        continue;
      }
      if (error != 0 && error != -ENOENT) {
        return errno_error(-error, std::string("cannot read BPF map ") + name_);
      }
      for (__u32 i = 0; i < count; ++i) visit(keys_[i], values_[i]);
      if (error == -ENOENT) return {};
      begun = true;
    }
  }

  // Takes the entry out of the table; false when it is gone already.
  bool remove(const Key& key) { return bpf_map_delete_elem(fd_, &key) == 0; }
  // The same, with what it had counted to the end. Kernels before 5.14 cannot do both at once: what
  // is counted between the last read and the removal is lost there.
  bool remove(const Key& key, Value& last) {
    if (bpf_map_lookup_and_delete_elem(fd_, &key, &last) == 0) return true;
    return bpf_map_lookup_elem(fd_, &key, &last) == 0 && remove(key);
  }

 private:
  static constexpr std::size_t kBatch = 64;

  int fd_ = -1;
  const char* name_ = "";
  std::vector<Key> keys_;
  std::vector<Value> values_;
};

}  // namespace plumbline::bpf
