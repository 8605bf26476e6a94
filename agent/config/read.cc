// SPDX-License-Identifier: Apache-2.0
#include "agent/config/read.h"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/suggest.h"
#include "agent/config/value.h"

namespace plumbline {
namespace {

// Each destination has its own connection and cursor; more is a mistake.
constexpr std::size_t kMaxDestinations = 16;

template <class Owner>
const Field<Owner>* find_field(std::span<const Field<Owner>> fields, std::string_view key) {
  const auto found = std::find_if(
      fields.begin(), fields.end(), [&](const auto& field) { return field.info.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

// The keys that may stand below `prefix` ("export." → interval, queue), sections once.
template <class Owner>
std::vector<std::string> keys_below(std::span<const Field<Owner>> fields, std::string_view prefix) {
  std::vector<std::string> out;
  for (const auto& field : fields) {
    if (!field.info.key.starts_with(prefix)) continue;
    const auto rest = field.info.key.substr(prefix.size());
    const std::string name(rest.substr(0, rest.find('.')));
    if (out.empty() || out.back() != name) out.push_back(name);
  }
  if constexpr (std::is_same_v<Owner, Config>) {
    if (prefix.empty()) out.insert(out.end(), {"collectors", "otlp"});
  }
  return out;
}

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

// For a key in the wrong section: "interval" → "export.interval".
std::string closest_anywhere(std::string_view word) {
  std::vector<std::string> last_parts;
  const auto fields = documented_fields();
  last_parts.reserve(fields.size());
  for (const auto& field : fields) last_parts.emplace_back(last_part(field.key));
  const auto found = closest(word, last_parts);
  if (found.empty()) return {};
  const auto index = std::find(last_parts.begin(), last_parts.end(), found) - last_parts.begin();
  return fields[static_cast<std::size_t>(index)].key;
}

}  // namespace

void ConfigReader::complain(const YamlValue& at,
                            std::string what,
                            std::string expected,
                            std::string suggestion) {
  problems_.push_back({.source = source_,
                       .at = at.at,
                       .length = at.length,
                       .what = std::move(what),
                       .expected = std::move(expected),
                       .suggestion = std::move(suggestion)});
}

void ConfigReader::unknown_key(const YamlValue& key, const std::vector<std::string>& known) {
  auto suggestion = closest(key.text, known);
  if (suggestion.empty()) suggestion = closest_anywhere(key.text);
  auto expected =
      suggestion.empty() ? fmt::format("one of {}", fmt::join(known, ", ")) : std::string();
  complain(key,
           fmt::format("unknown key {}", quoted(key.text)),
           std::move(expected),
           std::move(suggestion));
}

bool ConfigReader::accept_key(const YamlEntry& entry, std::map<std::string, Position>& seen) {
  if (entry.key.kind != YamlValue::Kind::kScalar) {
    complain(entry.key, fmt::format("{} cannot be a key", to_string(entry.key.kind)), "a name");
    return false;
  }
  const auto [first, fresh] = seen.emplace(entry.key.text, entry.key.at);
  if (fresh) return true;
  complain(
      entry.key,
      fmt::format(
          "{} stands twice; the first is on line {}", quoted(entry.key.text), first->second.line));
  return false;
}

bool ConfigReader::expect(YamlValue::Kind kind, const YamlEntry& entry, std::string_view expected) {
  if (entry.value.kind == kind) return true;
  if (entry.value.kind == YamlValue::Kind::kNull) {
    complain(
        entry.key, fmt::format("{} has no value", quoted(entry.key.text)), std::string(expected));
  } else {
    complain(entry.value,
             fmt::format("{} cannot be {}", quoted(entry.key.text), to_string(entry.value.kind)),
             std::string(expected));
  }
  return false;
}

std::optional<FieldValue> ConfigReader::read_scalar(const FieldInfo& info, const YamlEntry& entry) {
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

std::optional<FieldValue> ConfigReader::read_list(const FieldInfo& info, const YamlEntry& entry) {
  if (!expect(YamlValue::Kind::kList, entry, describe_expected(info))) return std::nullopt;
  std::vector<std::string> list;
  for (const auto& item : entry.value.items) {
    if (item.kind == YamlValue::Kind::kScalar && !item.text.empty()) {
      list.push_back(item.text);
    } else {
      complain(item,
               fmt::format("{} holds {}", quoted(entry.key.text), to_string(item.kind)),
               describe_expected(info));
    }
  }
  return list;
}

std::optional<FieldValue> ConfigReader::read_map(const FieldInfo& info,
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
    places_[fmt::format("{}.{}", place, item.key.text)] = {source_, item.key.at, item.key.length};
  }
  return map;
}

template <class Owner>
void ConfigReader::store(const Scope<Owner>& scope,
                         const Field<Owner>& field,
                         const YamlEntry& entry) {
  const auto place = fmt::format("{}{}", scope.place, field.info.key);
  places_[place] = {source_, entry.value.at, entry.value.length};
  std::optional<FieldValue> value;
  if (field.info.type == FieldType::kTextList) {
    value = read_list(field.info, entry);
  } else if (field.info.type == FieldType::kTextMap) {
    value = read_map(field.info, entry, field.load(scope.owner), place);
  } else {
    value = read_scalar(field.info, entry);
  }
  if (value) field.store(scope.owner, *std::move(value));
}

template <class Owner>
void ConfigReader::read_section(const Scope<Owner>& scope,
                                const YamlValue& section,
                                const std::string& prefix) {
  std::map<std::string, Position> seen;
  for (const auto& entry : section.entries) {
    if (accept_key(entry, seen)) read_entry(scope, entry, prefix + entry.key.text);
  }
}

template <class Owner>
void ConfigReader::read_entry(const Scope<Owner>& scope,
                              const YamlEntry& entry,
                              const std::string& key) {
  if constexpr (std::is_same_v<Owner, Config>) {
    if (key == "otlp") return read_destinations(entry);
    if (key == "collectors") return read_collectors(entry);
  }
  if (const auto* field = find_field(scope.fields, key)) return store(scope, *field, entry);
  const auto below = keys_below(scope.fields, key + ".");
  if (below.empty()) {
    const auto prefix = key.substr(0, key.size() - entry.key.text.size());
    return unknown_key(entry.key, keys_below(scope.fields, prefix));
  }
  // A section whose keys are all commented out is as good as none.
  if (entry.value.kind == YamlValue::Kind::kNull) return;
  if (expect(
          YamlValue::Kind::kMap, entry, fmt::format("a section with {}", fmt::join(below, ", ")))) {
    read_section(scope, entry.value, key + ".");
  }
}

void ConfigReader::read(const std::shared_ptr<const Source>& source, const YamlValue& root) {
  source_ = source;
  if (root.kind == YamlValue::Kind::kNull) return;
  if (root.kind != YamlValue::Kind::kMap) {
    complain(root,
             fmt::format("the file holds {}", to_string(root.kind)),
             "keys with values, such as `listen: 127.0.0.1:9464`");
    return;
  }
  read_section(Scope<Config>{config_fields(), config_, ""}, root, "");
}

void ConfigReader::read_destinations(const YamlEntry& entry) {
  if (entry.value.kind == YamlValue::Kind::kNull) return;
  if (!expect(YamlValue::Kind::kList, entry, "a list, such as [{endpoint: grpc://HOST:4317}]")) {
    return;
  }
  config_.otlp.clear();
  for (const auto& item : entry.value.items) {
    if (config_.otlp.size() == kMaxDestinations) {
      complain(item, fmt::format("more than {} destinations", kMaxDestinations));
      return;
    }
    const auto place = fmt::format("otlp[{}]", config_.otlp.size());
    auto& destination = config_.otlp.emplace_back();
    places_[place] = {source_, item.at, item.length};
    if (item.kind == YamlValue::Kind::kMap) {
      read_section(Scope<OtlpConfig>{otlp_fields(), destination, place + "."}, item, "");
    } else {
      complain(item,
               fmt::format("a destination cannot be {}", to_string(item.kind)),
               "{endpoint: grpc://HOST:4317}");
      config_.otlp.pop_back();
    }
  }
}

bool ConfigReader::is_collector(const YamlValue& name) {
  if (collectors_.empty()) return true;
  if (std::find(collectors_.begin(), collectors_.end(), name.text) != collectors_.end())
    return true;
  auto suggestion = closest(name.text, collectors_);
  complain(name,
           fmt::format("there is no collector {}", quoted(name.text)),
           fmt::format("one of {}", fmt::join(collectors_, ", ")),
           std::move(suggestion));
  return false;
}

void ConfigReader::read_collectors(const YamlEntry& entry) {
  constexpr std::string_view kExpected = "collectors by name, such as {sched: {enabled: false}}";
  if (entry.value.kind == YamlValue::Kind::kNull) return;
  if (!expect(YamlValue::Kind::kMap, entry, kExpected)) return;
  std::map<std::string, Position> seen;
  for (const auto& item : entry.value.entries) {
    if (!accept_key(item, seen) || !is_collector(item.key)) continue;
    if (item.value.kind == YamlValue::Kind::kNull) continue;
    if (!expect(YamlValue::Kind::kMap, item, "a section with enabled, period")) continue;
    const auto place = fmt::format("collectors.{}.", item.key.text);
    read_section(
        Scope<CollectorConfig>{collector_fields(), config_.collectors[item.key.text], place},
        item.value,
        "");
  }
}

// --- single settings ---

std::optional<YamlValue> ConfigReader::argument_value(const FieldInfo& info,
                                                      std::size_t value_offset) {
  const auto text = std::string_view(source_->text).substr(value_offset);
  YamlValue value{.kind = YamlValue::Kind::kScalar,
                  .at = {1, value_offset + 1},
                  .length = std::max<std::size_t>(1, text.size()),
                  .text = std::string(text)};
  const bool structured = info.type == FieldType::kTextList || info.type == FieldType::kTextMap;
  if (structured && text.find_first_of("[{") == 0) {
    // Blanks instead of the key, so that positions are those in the argument.
    const auto blanked = std::make_shared<const Source>(
        Source{source_->kind, source_->name, std::string(value_offset, ' ') + std::string(text)});
    const auto known_problems = problems_.size();
    auto parsed = parse_yaml(blanked, problems_);
    if (problems_.size() == known_problems) return parsed;
    problems_.back().source = source_;
    return std::nullopt;
  }
  if (info.type != FieldType::kTextList) return value;
  YamlValue list{.kind = YamlValue::Kind::kList, .at = value.at, .length = value.length};
  for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
    const auto end = std::min(text.find(',', begin), text.size());
    list.items.push_back({.kind = YamlValue::Kind::kScalar,
                          .at = {1, value_offset + begin + 1},
                          .length = std::max<std::size_t>(1, end - begin),
                          .text = std::string(text.substr(begin, end - begin))});
    begin = end + 1;
  }
  return list;
}

template <class Owner>
bool ConfigReader::set_in(const Scope<Owner>& scope,
                          std::string_view key,
                          std::size_t value_offset) {
  YamlEntry entry{.key = {.kind = YamlValue::Kind::kScalar,
                          .at = {1, 1},
                          .length = std::max<std::size_t>(1, value_offset),
                          .text = std::string(key)},
                  .value = {}};
  if (const auto* field = find_field(scope.fields, key)) {
    auto value = argument_value(field->info, value_offset);
    if (!value) return true;
    entry.value = *std::move(value);
    store(scope, *field, entry);
    return true;
  }
  for (const auto& field : scope.fields) {
    const auto prefix = fmt::format("{}.", field.info.key);
    if (field.info.type != FieldType::kTextMap || !key.starts_with(prefix)) continue;
    auto value = *argument_value({.type = FieldType::kText}, value_offset);
    auto name = entry.key;
    name.text = key.substr(prefix.size());
    entry.value = {.kind = YamlValue::Kind::kMap, .at = value.at, .length = value.length};
    entry.value.entries.push_back({std::move(name), std::move(value)});
    store(scope, field, entry);
    return true;
  }
  return false;
}

bool ConfigReader::set_destination(std::string_view key, std::size_t value_offset) {
  std::size_t index = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), index);
  const auto rest = key.substr(static_cast<std::size_t>(read.ptr - key.data()));
  if (read.ec != std::errc() || !rest.starts_with('.')) return false;
  // One more than there are adds one.
  if (index > config_.otlp.size() || index >= kMaxDestinations) {
    complain({.at = {1, 1}, .length = std::max<std::size_t>(1, value_offset)},
             fmt::format("there is no destination {}", index),
             fmt::format("a number up to {}", std::min(config_.otlp.size(), kMaxDestinations - 1)));
    return true;
  }
  const auto place = fmt::format("otlp[{}]", index);
  OtlpConfig fresh;
  auto& destination = index < config_.otlp.size() ? config_.otlp[index] : fresh;
  if (!set_in(Scope<OtlpConfig>{otlp_fields(), destination, place + "."},
              rest.substr(1),
              value_offset)) {
    return false;
  }
  if (index == config_.otlp.size()) {
    config_.otlp.push_back(std::move(fresh));
    places_[place] = {source_, {1, 1}, source_->text.size()};
  }
  return true;
}

bool ConfigReader::set_collector(std::string_view key, std::size_t value_offset) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string name(key.substr(0, dot));
  const YamlValue place_of_name{.kind = YamlValue::Kind::kScalar,
                                .at = {1, 1},
                                .length = std::max<std::size_t>(1, value_offset),
                                .text = name};
  if (!is_collector(place_of_name)) return true;
  const auto known = config_.collectors.find(name);
  auto changed = known == config_.collectors.end() ? CollectorConfig{} : known->second;
  const Scope<CollectorConfig> scope{
      collector_fields(), changed, fmt::format("collectors.{}.", name)};
  if (!set_in(scope, key.substr(dot + 1), value_offset)) return false;
  config_.collectors[name] = changed;
  return true;
}

void ConfigReader::set(const std::shared_ptr<const Source>& source,
                       std::string_view key,
                       std::size_t value_offset) {
  source_ = source;
  constexpr std::string_view kOtlp = "otlp.";
  constexpr std::string_view kCollectors = "collectors.";
  bool known = false;
  if (key.starts_with(kOtlp)) {
    known = set_destination(key.substr(kOtlp.size()), value_offset);
  } else if (key.starts_with(kCollectors)) {
    known = set_collector(key.substr(kCollectors.size()), value_offset);
  } else {
    known = set_in(Scope<Config>{config_fields(), config_, ""}, key, value_offset);
  }
  if (known) return;
  std::vector<std::string> candidates;
  for (const auto& field : config_fields()) candidates.emplace_back(field.info.key);
  for (const auto& field : otlp_fields())
    candidates.push_back(fmt::format("otlp.0.{}", field.info.key));
  for (const auto& name : collectors_) {
    for (const auto& field : collector_fields()) {
      candidates.push_back(fmt::format("collectors.{}.{}", name, field.info.key));
    }
  }
  auto suggestion = closest(key, candidates);
  if (suggestion.empty()) suggestion = closest_anywhere(last_part(key));
  std::string expected;
  if (suggestion.empty()) expected = "a key of the configuration file, see `man plumbline`";
  complain({.at = {1, 1}, .length = std::max<std::size_t>(1, key.size())},
           fmt::format("unknown key {}", quoted(key)),
           std::move(expected),
           std::move(suggestion));
}

}  // namespace plumbline
