// SPDX-License-Identifier: Apache-2.0
//
// Single settings: `--set key=value` and the options that stand for one key.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "agent/config/read.h"
#include "agent/config/suggest.h"
#include "agent/config/value.h"

namespace plumbline {
namespace {

// The name of the setting, which stands at the beginning of its argument.
YamlValue key_value(std::string_view key, std::size_t length) {
  return {.kind = YamlValue::Kind::kScalar,
          .at = {1, 1},
          .length = std::max<std::size_t>(1, length),
          .text = std::string(key)};
}

}  // namespace

std::optional<YamlValue> ConfigReader::argument_value(const FieldInfo& info,
                                                      std::size_t value_offset) {
  const auto text = std::string_view(fields_.source()->text).substr(value_offset);
  YamlValue value{.kind = YamlValue::Kind::kScalar,
                  .at = {1, value_offset + 1},
                  .length = std::max<std::size_t>(1, text.size()),
                  .text = std::string(text)};
  const bool structured = info.type == FieldType::kTextList || info.type == FieldType::kTextMap;
  if (structured && text.find_first_of("[{") == 0) {
    // Blanks instead of the key, so that positions are those in the argument.
    const auto blanked =
        std::make_shared<const Source>(Source{fields_.source()->kind,
                                              fields_.source()->name,
                                              std::string(value_offset, ' ') + std::string(text)});
    const auto known_problems = fields_.problems().size();
    auto parsed = parse_yaml(blanked, fields_.problems());
    if (fields_.problems().size() == known_problems) return parsed;
    fields_.problems().back().source = fields_.source();
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
  YamlEntry entry{.key = key_value(key, value_offset), .value = {}};
  if (const auto* field = scope.find(key)) {
    auto value = argument_value(field->info, value_offset);
    if (!value) return true;
    entry.value = *std::move(value);
    fields_.store(scope, *field, entry);
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
    fields_.store(scope, field, entry);
    return true;
  }
  return false;
}

template <class Item>
bool ConfigReader::set_item(const ItemList<Item>& list,
                            std::string_view key,
                            std::size_t value_offset) {
  std::size_t index = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), index);
  const auto rest = key.substr(static_cast<std::size_t>(read.ptr - key.data()));
  if (read.ec != std::errc() || !rest.starts_with('.')) return false;
  // One more than there are adds one.
  if (index > list.items.size() || index >= kMaxItems) {
    fields_.complain(key_value(key, value_offset),
                     fmt::format("there is no {} {}", list.noun, index),
                     fmt::format("a number up to {}", std::min(list.items.size(), kMaxItems - 1)));
    return true;
  }
  const auto place = fmt::format("{}[{}]", list.key, index);
  Item fresh;
  auto& item = index < list.items.size() ? list.items[index] : fresh;
  if (!set_in(Scope<Item>{list.fields, item, place + "."}, rest.substr(1), value_offset)) {
    return false;
  }
  if (index == list.items.size()) {
    list.items.push_back(std::move(fresh));
    fields_.remember(place, key_value(key, fields_.source()->text.size()));
  }
  return true;
}

bool ConfigReader::set_collector(std::string_view key, std::size_t value_offset) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string name(key.substr(0, dot));
  if (!is_collector(key_value(name, value_offset))) return true;
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
  fields_.set_source(source);
  if (auto bad = find_bad_byte(source)) {
    fields_.problems().push_back(std::move(*bad));
    return;
  }
  const auto set_list = [&](const auto& list) {
    const auto prefix = fmt::format("{}.", list.key);
    return key.starts_with(prefix) && set_item(list, key.substr(prefix.size()), value_offset);
  };
  constexpr std::string_view kCollectors = "collectors.";
  bool known = set_list(destinations()) || set_list(kafka_destinations()) ||
               set_list(kafka_clusters()) || set_list(clickhouse_servers());
  if (known) return;
  if (key.starts_with(kCollectors)) {
    known = set_collector(key.substr(kCollectors.size()), value_offset);
  } else {
    known = set_in(Scope<Config>{config_fields(), config_, ""}, key, value_offset);
  }
  if (!known) unknown_setting(key);
}

void ConfigReader::unknown_setting(std::string_view key) {
  std::vector<std::string> candidates;
  for (const auto& field : config_fields()) candidates.emplace_back(field.info.key);
  for (const auto& field : otlp_fields()) {
    candidates.push_back(fmt::format("otlp.0.{}", field.info.key));
  }
  for (const auto& field : kafka_fields()) {
    candidates.push_back(fmt::format("kafka.0.{}", field.info.key));
  }
  for (const auto& field : kafka_cluster_fields()) {
    candidates.push_back(fmt::format("kafka_clusters.0.{}", field.info.key));
  }
  for (const auto& field : clickhouse_fields()) {
    candidates.push_back(fmt::format("clickhouse.0.{}", field.info.key));
  }
  for (const auto& name : collectors_) {
    for (const auto& field : collector_fields()) {
      candidates.push_back(fmt::format("collectors.{}.{}", name, field.info.key));
    }
  }
  auto suggestion = closest(key, candidates);
  if (suggestion.empty()) suggestion = closest_anywhere(key.substr(key.rfind('.') + 1));
  std::string expected;
  if (suggestion.empty()) expected = "a key of the configuration file, see `man plumbline`";
  fields_.complain(key_value(key, key.size()),
                   fmt::format("unknown key {}", in_quotes(key)),
                   std::move(expected),
                   std::move(suggestion));
}

}  // namespace plumbline
