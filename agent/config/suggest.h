// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// How many single-character insertions, deletions, replacements and swaps of neighbours turn `a`
// into `b` (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `word` was probably meant to be: at most one error per three characters,
// upper and lower case and '-' and '_' alike; a candidate that begins with `word` (three characters
// or more) counts as close. Empty when none is. The first of equals wins.
std::string closest(std::string_view word, std::span<const std::string> candidates);

}  // namespace plumbline
