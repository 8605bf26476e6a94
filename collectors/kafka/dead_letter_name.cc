// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/dead_letter_name.h"

#include <algorithm>
#include <array>

namespace plumbline::kafka {
namespace {

// As Spring Kafka, Kafka Connect and others have it by default or by custom.
constexpr std::array<std::string_view, 7> kWords{
    "dlq", "dlt", "dead-letter", "dead-letters", "dead_letter", "dead_letters", "deadletter"};

bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

bool equal_but_for_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

std::optional<std::string_view> source_of_dead_letters(std::string_view name) {
  for (const auto word : kWords) {
    if (name.size() < word.size() + 2) continue;
    const auto rest = name.size() - word.size();
    if (is_separator(name[rest - 1]) && equal_but_for_case(name.substr(rest), word)) {
      return name.substr(0, rest - 1);
    }
    if (is_separator(name[word.size()]) && equal_but_for_case(name.substr(0, word.size()), word)) {
      return name.substr(word.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace plumbline::kafka
