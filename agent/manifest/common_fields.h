// SPDX-License-Identifier: Apache-2.0
//
// What the tables of all kinds share. Included by the files that hold one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "agent/config/field_table.h"
#include "agent/manifest/kinds.h"

namespace plumbline::manifest_table {

using field_table::field;
using field_table::kDay;
using field_table::kSecond;

// Below this, nobody could be told from luck; 100 % is no objective, since nothing may ever fail.
inline constexpr std::uint64_t kMinTarget = 500'000;
inline constexpr std::uint64_t kMaxTarget = 999'999;

constexpr FieldInfo target(std::string_view key, std::string_view description) {
  return {.key = key,
          .type = FieldType::kPercent,
          .min = kMinTarget,
          .max = kMaxTarget,
          .description = description};
}

constexpr FieldInfo text(std::string_view key,
                         std::string_view description,
                         std::string_view example = {}) {
  return {.key = key, .type = FieldType::kText, .description = description, .example = example};
}

constexpr FieldInfo count(std::string_view key,
                          std::uint64_t min,
                          std::uint64_t max,
                          std::string_view description) {
  return {
      .key = key, .type = FieldType::kCount, .min = min, .max = max, .description = description};
}

template <class Kind>
constexpr std::array<Field<Kind>, 8> common_fields() {
  constexpr auto kCommon = &Kind::common;
  return {field<kCommon, &ManifestCommon::name>(
              text("metadata.name",
                   "What it is called in labels, alerts and files: lower case letters, digits "
                   "and '-'. No two manifests have one name.")),
          field<kCommon, &ManifestCommon::name_space>(
              text("metadata.namespace", "The label namespace of its alerts.")),
          field<kCommon, &ManifestCommon::owner>(
              text("spec.owner", "The team: the label team of its alerts.")),
          field<kCommon, &ManifestCommon::tier>(
              count("spec.tier",
                    1,
                    4,
                    "How much it matters. Of tiers 1 and 2 a fast burn pages, of 3 and 4 it is "
                    "a warning.")),
          field<kCommon, &ManifestCommon::cost_budget>(
              count("spec.costBudget",
                    0,
                    1'000'000'000,
                    "USD a month; 0 for none. Kept: no metric tells its cost yet.")),
          field<kCommon, &ManifestCommon::window>(
              {.key = "spec.objectives.window",
               .type = FieldType::kDuration,
               .min = 28 * kDay,
               .max = 90 * kDay,
               .description = "The rolling period that every error budget is for."}),
          field<kCommon, &ManifestCommon::depends_on>(
              {.key = "spec.dependsOn",
               .type = FieldType::kTextList,
               .description = "Manifests of what it needs, by their names.",
               .example = "[production-metrics]"}),
          field<kCommon, &ManifestCommon::maintenance>(
              {.key = "spec.maintenance",
               .type = FieldType::kTextList,
               .description = "Times that count for no objective, as FROM/TO REASON in RFC 3339; "
                              "events of then are neither good nor bad.",
               .example = "[2026-11-21T22:00:00Z/2026-11-21T23:00:00Z new disks]"})};
}

template <class T, std::size_t A, std::size_t B>
constexpr std::array<T, A + B> joined(const std::array<T, A>& a, const std::array<T, B>& b) {
  std::array<T, A + B> all{};
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), all.begin()));
  return all;
}

}  // namespace plumbline::manifest_table
