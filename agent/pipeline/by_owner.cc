// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/by_owner.h"

#include <algorithm>

#include "agent/pipeline/encode.h"

namespace plumbline {

const OwnerRef& ByOwner::owner(const Series& series) {
  static const OwnerRef kNobody;
  for (const auto& [key, value] : series.attributes()) {
    if (key == kGroupPathKey) return identity_.owner(value);
  }
  return kNobody;
}

std::span<const OwnedEntries> ByOwner::split(std::span<const LatestEntry* const> entries) {
  numbers_.clear();
  number_of_.clear();
  groups_.clear();
  groups_.push_back({});
  numbers_.emplace(nullptr, 0);
  std::vector<std::size_t> counts{0};
  for (const auto* entry : entries) {
    const auto& whose = owner(*entry->series);
    const auto [found, added] =
        numbers_.emplace(whose.get(), static_cast<std::uint32_t>(groups_.size()));
    if (added) {
      groups_.push_back({.owner = whose, .entries = {}});
      counts.push_back(0);
    }
    ++counts[found->second];
    number_of_.push_back(found->second);
  }
  sorted_.resize(entries.size());
  std::vector<std::size_t> place(counts.size());
  std::size_t start = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    place[i] = start;
    groups_[i].entries = std::span(sorted_).subspan(start, counts[i]);
    start += counts[i];
  }
  for (std::size_t i = 0; i < entries.size(); ++i) sorted_[place[number_of_[i]]++] = entries[i];
  return groups_;
}

void OwnerResources::set_base(const std::map<std::string, std::string>& base) {
  base_.clear();
  for (const auto& [key, value] : base) {
    if (!key.starts_with("service.") && !key.starts_with("telemetry.")) {
      base_.emplace_back(key, value);
    }
  }
  known_.clear();
}

std::string_view OwnerResources::encoded(const OwnerRef& owner) {
  auto& known = known_[owner.get()];
  known.used = sweeps_;
  if (known.owner) return known.bytes;
  known.owner = owner;
  auto all = owner->attributes;
  for (const auto& attribute : base_) {
    const bool said = std::any_of(
        all.begin(), all.end(), [&](const auto& other) { return other.first == attribute.first; });
    if (!said) all.push_back(attribute);
  }
  known.bytes = encode_resource(all);
  return known.bytes;
}

void OwnerResources::sweep() {
  std::erase_if(known_, [this](const auto& pair) { return pair.second.used != sweeps_; });
  ++sweeps_;
}

}  // namespace plumbline
