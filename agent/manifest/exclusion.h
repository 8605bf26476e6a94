// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/manifest/kinds.h"

namespace plumbline {

// A time that does not count for objectives.
struct Exclusion {
  std::int64_t from = 0;  // seconds since 1970
  std::int64_t to = 0;    // later than `from`
  std::string reason;
};

// "2026-11-21T22:00:00Z/2026-11-21T23:00:00Z new disks". nullopt: it is no such text.
std::optional<Exclusion> parse_exclusion(std::string_view text);

// Those of a manifest that was checked.
std::vector<Exclusion> exclusions_of(const ManifestCommon& common);

}  // namespace plumbline
