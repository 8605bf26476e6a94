// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <type_traits>
#include <unordered_map>

namespace plumbline::bpf {

// What the entries of a hash map showed when they were last read, to know what each has gained.
template <class Key, class Value>
class LastSeen {
 public:
  struct Entry {
    Value value{};
    std::uint32_t idle = 0;  // reads since it changed
    std::uint32_t read = 0;
  };

  // The entry of `key`, all zero when new; the caller stores the new value there.
  Entry& of(const Key& key) {
    auto& entry = entries_[key];
    entry.read = now_;
    return entry;
  }

  // Once after each read of the whole map: forgets what was not in it any more.
  void sweep() {
    std::erase_if(entries_, [this](const auto& pair) { return pair.second.read != now_; });
    ++now_;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const {
      static_assert(std::has_unique_object_representations_v<Key>);
      return std::hash<std::string_view>{}({reinterpret_cast<const char*>(&key), sizeof(key)});
    }
  };
  struct Equal {
    bool operator()(const Key& a, const Key& b) const {
      return std::memcmp(&a, &b, sizeof(Key)) == 0;
    }
  };

  std::unordered_map<Key, Entry, Hash, Equal> entries_;
  std::uint32_t now_ = 0;
};

}  // namespace plumbline::bpf
