// SPDX-License-Identifier: Apache-2.0
//
// YAML as values that know where they stand. Scalars stay text: the schema, not the spelling,
// decides what `yes` or `1e3` is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/problem.h"

namespace plumbline {

struct YamlEntry;

struct YamlValue {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Position at;
  std::size_t length = 1;  // bytes of a scalar in the source, up to the end of its first line
  std::string text;        // kScalar
  std::vector<YamlValue> items;
  std::vector<YamlEntry> entries;  // in the order of the text, duplicates included
};

struct YamlEntry {
  YamlValue key;
  YamlValue value;
};

// "a list", for messages.
std::string_view to_string(YamlValue::Kind kind);

// The first byte of `source` that no text has: part of invalid UTF-8, or a control character.
std::optional<Problem> find_bad_byte(const std::shared_ptr<const Source>& source);

// What a file may be at most. Real ones have a few kilobytes; aliases count each time they are
// used, so a small file cannot become a big value.
inline constexpr std::size_t kMaxYamlBytes = 256U << 10U;
inline constexpr std::size_t kMaxYamlValues = 20'000;

// The one document in `source`; kNull for an empty one. What prevents reading it (not UTF-8, too
// big, not YAML, a second document) is added to `problems`, and the value is kNull.
YamlValue parse_yaml(const std::shared_ptr<const Source>& source, std::vector<Problem>& problems);

// The same for a file that may hold several, one after the other; empty when it cannot be read.
std::vector<YamlValue> parse_yaml_documents(const std::shared_ptr<const Source>& source,
                                            std::vector<Problem>& problems);

}  // namespace plumbline
