// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/core/series.h"

namespace plumbline {

// What one collector reported in its last tick, in that order. A collector reports its series in
// much the same order each time, so the item of a point is looked for where the last tick had it,
// without hashing. `Item` has `SeriesRef series` and `std::uint64_t tick`, 0 when it is new; items
// stay where they are until clear().
template <class Item>
class TickOrder {
 public:
  explicit TickOrder(std::string_view collector) : collector_(collector) {}

  std::string_view collector() const { return collector_; }

  void begin(std::size_t points) {
    ++tick_;
    touched_ = 0;
    items_.resize(points, nullptr);
  }

  // The item at `position` of the last tick, when it is of `series`; null else.
  Item* expected(std::size_t position, const SeriesRef& series) const {
    auto* item = items_[position];
    return item != nullptr && item->series == series ? item : nullptr;
  }

  // The point at `position` is of `item`; null: of none that is kept.
  void set(std::size_t position, Item* item) {
    items_[position] = item;
    if (item == nullptr || item->tick == tick_) return;
    item->tick = tick_;
    ++touched_;
  }

  // After a tick: the item of a point.
  Item* operator[](std::size_t position) const { return items_[position]; }

  // How many items had a point in this tick, and whether this one did.
  std::size_t touched() const { return touched_; }
  bool has(const Item& item) const { return item.tick == tick_; }
  std::uint64_t tick() const { return tick_; }

  // Items are going away: forgets where they were.
  void clear() { items_.clear(); }

 private:
  std::string_view collector_;
  std::uint64_t tick_ = 0;
  std::size_t touched_ = 0;
  std::vector<Item*> items_;
};

}  // namespace plumbline
