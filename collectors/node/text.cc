// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/text.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace plumbline::node {
namespace {

constexpr std::string_view kBlanks = " \t\n";

template <class T>
bool parse_whole(std::string_view word, T& out, int base) {
  const auto result = std::from_chars(word.data(), word.data() + word.size(), out, base);
  return result.ec == std::errc{} && result.ptr == word.data() + word.size();
}

}  // namespace

std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::string_view take_line(std::string_view& text) {
  return take_until(text, '\n');
}

std::string_view take_word(std::string_view& text) {
  const auto start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(start);
  const auto word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

double to_number(std::string_view word) {
  std::uint64_t whole = 0;
  if (parse_whole(word, whole, 10)) return static_cast<double>(whole);
  if (word.empty() || word.find_first_not_of("-.0123456789") != std::string_view::npos) {
    return kAbsent;
  }
  double value = 0;
  const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
  return result.ec == std::errc{} && result.ptr == word.data() + word.size() ? value : kAbsent;
}

double take_number(std::string_view& text) {
  return to_number(take_word(text));
}

double to_hex_number(std::string_view word) {
  std::uint64_t value = 0;
  return parse_whole(word, value, 16) ? static_cast<double>(value) : kAbsent;
}

std::optional<int> to_int(std::string_view word) {
  int value = 0;
  if (!parse_whole(word, value, 10) || value < 0) return std::nullopt;
  return value;
}

}  // namespace plumbline::node
