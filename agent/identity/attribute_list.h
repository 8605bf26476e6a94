// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumbline {

// Keys and values in one piece of memory, in the order in which they were added: a node with
// thousands of containers has tens of thousands of them, and a string of its own for each would
// take twice as much. The views that it gives live as long as it is not changed.
class AttributeList {
 public:
  using Attribute = std::pair<std::string_view, std::string_view>;
  class Iterator;
  using value_type = Attribute;
  using const_iterator = Iterator;

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Attribute;
    using difference_type = std::ptrdiff_t;
    using pointer = const Attribute*;
    using reference = Attribute;

    Iterator() = default;
    explicit Iterator(const char* at) : at_(at) {}

    Attribute operator*() const {
      const auto lengths = read();
      const auto* const key = at_ + sizeof(Lengths);
      return {{key, lengths.key}, {key + lengths.key, lengths.value}};
    }
    Iterator& operator++() {
      const auto lengths = read();
      at_ += sizeof(Lengths) + lengths.key + lengths.value;
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    friend class AttributeList;
    struct Lengths {
      std::uint32_t key = 0;
      std::uint32_t value = 0;
    };

    Lengths read() const {
      Lengths lengths;
      std::memcpy(&lengths, at_, sizeof(lengths));
      return lengths;
    }

    const char* at_ = nullptr;
  };

  AttributeList() = default;
  AttributeList(std::initializer_list<Attribute> all) {
    for (const auto& [key, value] : all) add(key, value);
  }

  void add(std::string_view key, std::string_view value) {
    const Iterator::Lengths lengths{.key = static_cast<std::uint32_t>(key.size()),
                                    .value = static_cast<std::uint32_t>(value.size())};
    bytes_.append(reinterpret_cast<const char*>(&lengths), sizeof(lengths));
    bytes_.append(key).append(value);
  }
  void shrink_to_fit() { bytes_.shrink_to_fit(); }

  Iterator begin() const { return Iterator(bytes_.data()); }
  Iterator end() const { return Iterator(bytes_.data() + bytes_.size()); }
  bool empty() const { return bytes_.empty(); }

  // The value of a key, of which there may be no more than one; empty when there is none.
  std::string_view value(std::string_view key) const {
    for (const auto& [held, value] : *this) {
      if (held == key) return value;
    }
    return {};
  }
  bool contains(std::string_view key) const {
    for (const auto& attribute : *this) {
      if (attribute.first == key) return true;
    }
    return false;
  }

  std::vector<std::pair<std::string, std::string>> copy() const { return {begin(), end()}; }

  bool operator==(const AttributeList&) const = default;

 private:
  std::string bytes_;
};

}  // namespace plumbline
