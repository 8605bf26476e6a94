// SPDX-License-Identifier: Apache-2.0
#include "agent/config/field_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/suggest.h"
#include "agent/config/value.h"

namespace plumbline {

void FieldReader::complain(const YamlValue& at,
                           std::string what,
                           std::string expected,
                           std::string suggestion) {
  if (is_full()) return;
  if (problems_.size() + 1 == kMaxProblems) {
    what = "there are more problems than this; mend the ones above first";
    expected.clear();
    suggestion.clear();
  }
  problems_.push_back({.source = source_,
                       .at = at.at,
                       .length = at.length,
                       .what = std::move(what),
                       .expected = std::move(expected),
                       .suggestion = std::move(suggestion)});
}

void FieldReader::unknown_key(const YamlValue& key,
                              const std::vector<std::string>& known,
                              const Extras& extras) {
  if (is_full()) return;
  auto suggestion = closest(key.text, known);
  if (suggestion.empty()) suggestion = extras.nearest(key.text);
  auto expected =
      suggestion.empty() ? fmt::format("one of {}", fmt::join(known, ", ")) : std::string();
  complain(key,
           fmt::format("unknown key {}", in_quotes(key.text)),
           std::move(expected),
           std::move(suggestion));
}

bool FieldReader::expect_section(const YamlEntry& entry, const std::vector<std::string>& keys) {
  return expect(
      YamlValue::Kind::kMap, entry, fmt::format("a section with {}", fmt::join(keys, ", ")));
}

bool FieldReader::accept_key(const YamlEntry& entry, std::map<std::string, Position>& seen) {
  if (entry.key.kind != YamlValue::Kind::kScalar) {
    complain(entry.key, fmt::format("{} cannot be a key", to_string(entry.key.kind)), "a name");
    return false;
  }
  const auto [first, fresh] = seen.emplace(entry.key.text, entry.key.at);
  if (fresh) return true;
  complain(entry.key,
           fmt::format("{} stands twice; the first is on line {}",
                       in_quotes(entry.key.text),
                       first->second.line));
  return false;
}

bool FieldReader::expect(YamlValue::Kind kind, const YamlEntry& entry, std::string_view expected) {
  if (entry.value.kind == kind) return true;
  if (entry.value.kind == YamlValue::Kind::kNull) {
    complain(entry.key,
             fmt::format("{} has no value", in_quotes(entry.key.text)),
             std::string(expected));
  } else {
    complain(entry.value,
             fmt::format("{} cannot be {}", in_quotes(entry.key.text), to_string(entry.value.kind)),
             std::string(expected));
  }
  return false;
}

std::optional<FieldValue> FieldReader::read_scalar(const FieldInfo& info, const YamlEntry& entry) {
  if (!expect(YamlValue::Kind::kScalar, entry, describe_expected(info))) return std::nullopt;
  auto parsed = parse_value(info, entry.value.text);
  if (auto* value = std::get_if<FieldValue>(&parsed)) return std::move(*value);
  auto& complaint = std::get<Complaint>(parsed);
  complain(entry.value,
           fmt::format("{}: {}", entry.key.text, complaint.what),
           describe_expected(info),
           std::move(complaint.suggestion));
  return std::nullopt;
}

std::optional<FieldValue> FieldReader::read_list(const FieldInfo& info,
                                                 const YamlEntry& entry,
                                                 const std::string& place) {
  if (!expect(YamlValue::Kind::kList, entry, describe_expected(info))) return std::nullopt;
  std::vector<std::string> list;
  for (const auto& item : entry.value.items) {
    if (item.kind == YamlValue::Kind::kScalar && !item.text.empty()) {
      remember(fmt::format("{}[{}]", place, list.size()), item);
      list.push_back(item.text);
    } else {
      complain(item,
               fmt::format("{} holds {}", in_quotes(entry.key.text), to_string(item.kind)),
               describe_expected(info));
    }
  }
  return list;
}

std::optional<FieldValue> FieldReader::read_map(const FieldInfo& info,
                                                const YamlEntry& entry,
                                                FieldValue current,
                                                const std::string& place) {
  if (!expect(YamlValue::Kind::kMap, entry, describe_expected(info))) return std::nullopt;
  auto map = std::get<std::map<std::string, std::string>>(std::move(current));
  std::map<std::string, Position> seen;
  for (const auto& item : entry.value.entries) {
    if (!accept_key(item, seen)) continue;
    if (!expect(YamlValue::Kind::kScalar, item, "a text")) continue;
    map[item.key.text] = item.value.text;
    remember(fmt::format("{}.{}", place, item.key.text), item.key);
  }
  return map;
}

std::optional<FieldValue> FieldReader::read(const FieldInfo& info,
                                            const YamlEntry& entry,
                                            FieldValue current,
                                            const std::string& place) {
  switch (info.type) {
    case FieldType::kTextList:
      return read_list(info, entry, place);
    case FieldType::kTextMap:
      return read_map(info, entry, std::move(current), place);
    default:
      return read_scalar(info, entry);
  }
}

}  // namespace plumbline
