// SPDX-License-Identifier: Apache-2.0
#include "agent/config/key_values.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "agent/core/series.h"

namespace plumbline {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || read.ptr != digits.data() + 2) return std::nullopt;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

Error malformed(std::string what) {
  return {.code = Errc::kMalformed, .what = std::move(what)};
}

}  // namespace

Result<std::map<std::string, std::string>> parse_key_values(std::string_view text) {
  std::map<std::string, std::string> out;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto comma = std::min(text.find(','), text.size());
    const auto pair = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos)
      return malformed(fmt::format("pair {} has no '='", number));
    const auto key = percent_decoded(trimmed(pair.substr(0, equals)));
    if (!key || key->empty()) return malformed(fmt::format("pair {} has no name", number));
    auto value = percent_decoded(trimmed(pair.substr(equals + 1)));
    if (!value) {
      return malformed(fmt::format("the value of \"{}\" has a '%' without two hex digits", *key));
    }
    if (valid_utf8(*key) != *key || valid_utf8(*value) != *value) {
      return malformed(fmt::format("pair {} is not UTF-8", number));
    }
    out[*key] = *std::move(value);
  }
  return out;
}

}  // namespace plumbline
