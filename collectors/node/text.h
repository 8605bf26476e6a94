// SPDX-License-Identifier: Apache-2.0
//
// The small change of reading kernel text: lines, words, numbers. Nothing here allocates or throws,
// whatever the text holds.
#pragma once

#include <limits>
#include <optional>
#include <string_view>

namespace plumbline::node {

// A value that was not there. Batch::add leaves it out.
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

// Takes the first line off `text`, without its newline.
std::string_view take_line(std::string_view& text);

// Takes the first word off `text`; words stand between blanks and newlines. Empty at the end.
std::string_view take_word(std::string_view& text);

// Takes everything before `separator` off `text`, and the separator. The whole text without one.
std::string_view take_until(std::string_view& text, char separator);

// A word that is a whole decimal number, with or without a fraction. kAbsent for every other.
double to_number(std::string_view word);
// The next word as a number.
double take_number(std::string_view& text);
// A hexadecimal word, without 0x.
double to_hex_number(std::string_view word);

// Whole numbers up to 2^31-1: CPU numbers, device numbers.
std::optional<int> to_int(std::string_view word);

}  // namespace plumbline::node
