// SPDX-License-Identifier: Apache-2.0
//
// How the tables of fields are written. Included by the files that hold one.
#pragma once

#include <chrono>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "agent/config/fields.h"

namespace plumbline::field_table {

inline constexpr std::uint64_t kSecond = 1'000;  // in milliseconds
inline constexpr std::uint64_t kHour = 3'600 * kSecond;
inline constexpr std::uint64_t kDay = 24 * kHour;
inline constexpr std::uint64_t kKibi = 1U << 10U;
inline constexpr std::uint64_t kMebi = 1U << 20U;
inline constexpr std::uint64_t kGibi = 1U << 30U;

template <class T>
void assign(T& to, FieldValue value) {
  if constexpr (std::is_enum_v<T>) {
    to = static_cast<T>(std::get<std::uint64_t>(value));
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    to = T(std::get<std::uint64_t>(value));
  } else {
    to = std::get<T>(std::move(value));
  }
}

template <class T>
FieldValue read(const T& from) {
  if constexpr (std::is_enum_v<T>) {
    return static_cast<std::uint64_t>(from);
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return static_cast<std::uint64_t>(from.count());
  } else {
    return from;
  }
}

template <class Owner, class Member>
Owner owner_of(Member Owner::*);

// The member that `First`, then `Rest`, lead to: &Config::limits, &LimitsConfig::series.
template <auto First, auto... Rest>
constexpr auto field(FieldInfo info) {
  using Owner = decltype(owner_of(First));
  return Field<Owner>{
      .info = info,
      .store = [](Owner& owner,
                  FieldValue value) { assign(((owner.*First).*....*Rest), std::move(value)); },
      .load = [](const Owner& owner) { return read(((owner.*First).*....*Rest)); }};
}

}  // namespace plumbline::field_table
