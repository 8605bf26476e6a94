// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/share.h"

#include <algorithm>
#include <utility>

#include "collectors/kafka/dead_letter_name.h"

namespace plumbline::kafka {
namespace {

// FNV-1a of 64 bits. Agents of all versions must agree: it never changes.
std::uint64_t hash(char kind, std::string_view name) {
  constexpr std::uint64_t kBasis = 0xcbf29ce484222325;
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t value = kBasis;
  const auto mix = [&](char c) { value = (value ^ static_cast<std::uint8_t>(c)) * kPrime; };
  mix(kind);
  for (const char c : name) mix(c);
  return value ^ (value >> 32U);  // the low bits alone know little of the first characters
}

}  // namespace

Share::Share(std::string topic, std::vector<std::int32_t> held)
    : topic_(std::move(topic)), held_(std::move(held)) {
  std::sort(held_.begin(), held_.end());
}

bool Share::has_topic(std::string_view name) const {
  return has('t', source_of_dead_letters(name).value_or(name));
}

bool Share::covers(const Share& other) const {
  if (!is_divided()) return true;
  return topic_ == other.topic_ &&
         std::includes(held_.begin(), held_.end(), other.held_.begin(), other.held_.end());
}

double Share::size() const {
  if (!is_divided()) return 1;
  if (partitions_ == 0) return 0;
  return static_cast<double>(held_.size()) / static_cast<double>(partitions_);
}

bool Share::has(char kind, std::string_view name) const {
  if (!is_divided()) return true;
  if (partitions_ == 0) return false;
  const auto place = static_cast<std::int32_t>(hash(kind, name) % partitions_);
  return std::binary_search(held_.begin(), held_.end(), place);
}

}  // namespace plumbline::kafka
