// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "collectors/node/topic.h"

namespace plumbline::node {

// One of the kernel's per-CPU tables in hexadecimal with a line of column names. `column` of all
// CPUs is given to `use` as a sum, or, for values that every line repeats, from the first line.
struct StatTable {
  static constexpr std::size_t kMaxColumns = 32;
  std::array<std::string_view, kMaxColumns> names{};
  std::array<double, kMaxColumns> sums{};
  std::array<double, kMaxColumns> firsts{};
  std::size_t columns = 0;
};

// /proc/net/stat/nf_conntrack, /proc/net/stat/arp_cache. Names point into `text`.
StatTable parse_stat_table(std::string_view text);

// The sizes of the connection tracking and neighbour tables, and what happened in them.
std::unique_ptr<Topic> make_conntrack(const std::filesystem::path& proc);
std::unique_ptr<Topic> make_arp(const std::filesystem::path& proc);

}  // namespace plumbline::node
