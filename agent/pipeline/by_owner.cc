// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/by_owner.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/pipeline/encode.h"

namespace plumbline {

const OwnerRef& ByOwner::owner(const Series& series) {
  static const OwnerRef kNobody;
  // The overflow series: of many, and not of the agent.
  static const OwnerRef kMany =
      std::make_shared<const Owner>(Owner{.attributes = {{"service.name", std::string(kOthers)}}});
  for (const auto& [key, value] : series.attributes()) {
    if (key != kGroupPathKey) continue;
    return value == kOthers ? kMany : identity_.owner(value);
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
  static constexpr std::array<std::string_view, 8> kOfTheNode{
      "host.", "os.", "process.", "container.", "k8s.", "cloud.", "aws.", "gcp."};
  base_.clear();
  elsewhere_.clear();
  for (const auto& [key, value] : base) {
    if (key.starts_with("service.") || key.starts_with("telemetry.")) continue;
    base_.emplace_back(key, value);
    const bool is_of_node = std::any_of(
        kOfTheNode.begin(), kOfTheNode.end(), [&](auto prefix) { return key.starts_with(prefix); });
    if (!is_of_node) elsewhere_.emplace_back(key, value);
  }
  known_.clear();
}

// Those of `base` that `own` does not say itself, behind it.
std::string OwnerResources::merged(Attributes own, const Attributes& base) {
  for (const auto& attribute : base) {
    const bool said = std::any_of(
        own.begin(), own.end(), [&](const auto& other) { return other.first == attribute.first; });
    if (!said) own.push_back(attribute);
  }
  return encode_resource(own);
}

OwnerResources::Known& OwnerResources::find(std::shared_ptr<const void> owner) {
  auto& known = known_[owner.get()];
  known.used = sweeps_;
  known.owner = std::move(owner);
  return known;
}

std::string_view OwnerResources::encoded(const OwnerRef& owner) {
  auto& known = find(owner);
  if (known.bytes.empty()) known.bytes = merged(owner->attributes.copy(), base_);
  return known.bytes;
}

std::string_view OwnerResources::encoded(const EntityRef& entity) {
  auto& known = find(entity);
  if (known.bytes.empty()) known.bytes = merged(*entity, elsewhere_);
  return known.bytes;
}

void OwnerResources::sweep() {
  std::erase_if(known_, [this](const auto& pair) { return pair.second.used != sweeps_; });
  ++sweeps_;
}

}  // namespace plumbline
