// SPDX-License-Identifier: Apache-2.0
#include "agent/config/read.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/suggest.h"
#include "agent/config/value.h"

namespace plumbline {

std::string closest_anywhere(std::string_view word) {
  std::vector<std::string> last_parts;
  const auto fields = documented_fields();
  last_parts.reserve(fields.size());
  for (const auto& field : fields) {
    last_parts.emplace_back(field.key.substr(field.key.rfind('.') + 1));
  }
  const auto found = closest(word, last_parts);
  if (found.empty()) return {};
  const auto index = std::find(last_parts.begin(), last_parts.end(), found) - last_parts.begin();
  return fields[static_cast<std::size_t>(index)].key;
}

bool ConfigReader::take(const YamlEntry& entry, const std::string& key) {
  if (key == "otlp") {
    read_list(destinations(), entry);
  } else if (key == "kafka") {
    read_list(kafka_destinations(), entry);
  } else if (key == "kafka_clusters") {
    read_list(kafka_clusters(), entry);
  } else if (key == "clickhouse") {
    read_list(clickhouse_servers(), entry);
  } else if (key == "collectors") {
    read_collectors(entry);
  } else {
    return false;
  }
  return true;
}

template <class Owner>
void ConfigReader::read_section(const Scope<Owner>& scope, const YamlValue& section) {
  fields_.read_section(scope, section, "", {.keys = {}, .take = {}, .nearest = closest_anywhere});
}

template <class Item>
void ConfigReader::read_list(const ItemList<Item>& list, const YamlEntry& entry) {
  if (entry.value.kind == YamlValue::Kind::kNull) return;
  if (!fields_.expect(
          YamlValue::Kind::kList, entry, fmt::format("a list, such as [{}]", list.example))) {
    return;
  }
  list.items.clear();
  for (const auto& item : entry.value.items) {
    if (list.items.size() == kMaxItems) {
      fields_.complain(item, fmt::format("more than {} {}s", kMaxItems, list.noun));
      return;
    }
    const auto place = fmt::format("{}[{}]", list.key, list.items.size());
    auto& read = list.items.emplace_back();
    fields_.remember(place, item);
    if (item.kind == YamlValue::Kind::kMap) {
      read_section(Scope<Item>{list.fields, read, place + "."}, item);
    } else {
      fields_.complain(item,
                       fmt::format("a {} cannot be {}", list.noun, to_string(item.kind)),
                       std::string(list.example));
      list.items.pop_back();
    }
  }
}

void ConfigReader::read(const std::shared_ptr<const Source>& source, const YamlValue& root) {
  fields_.set_source(source);
  if (root.kind == YamlValue::Kind::kNull) return;
  if (root.kind != YamlValue::Kind::kMap) {
    fields_.complain(root,
                     fmt::format("the file holds {}", to_string(root.kind)),
                     "keys with values, such as `listen: 127.0.0.1:9464`");
    return;
  }
  const Extras lists{
      .keys = {"clickhouse", "collectors", "kafka", "kafka_clusters", "otlp"},
      .take = [this](const YamlEntry& entry, const std::string& key) { return take(entry, key); },
      .nearest = closest_anywhere};
  fields_.read_section(Scope<Config>{config_fields(), config_, ""}, root, "", lists);
}

bool ConfigReader::is_collector(const YamlValue& name) {
  if (collectors_.empty()) return true;
  if (std::find(collectors_.begin(), collectors_.end(), name.text) != collectors_.end())
    return true;
  auto suggestion = closest(name.text, collectors_);
  fields_.complain(name,
                   fmt::format("there is no collector {}", in_quotes(name.text)),
                   fmt::format("one of {}", fmt::join(collectors_, ", ")),
                   std::move(suggestion));
  return false;
}

void ConfigReader::read_collectors(const YamlEntry& entry) {
  constexpr std::string_view kExpected = "collectors by name, such as {sched: {enabled: false}}";
  if (entry.value.kind == YamlValue::Kind::kNull) return;
  if (!fields_.expect(YamlValue::Kind::kMap, entry, kExpected)) return;
  std::map<std::string, Position> seen;
  for (const auto& item : entry.value.entries) {
    if (!fields_.accept_key(item, seen) || !is_collector(item.key)) continue;
    if (item.value.kind == YamlValue::Kind::kNull) continue;
    if (!fields_.expect(YamlValue::Kind::kMap, item, "a section with enabled, period")) continue;
    const auto place = fmt::format("collectors.{}.", item.key.text);
    read_section(
        Scope<CollectorConfig>{collector_fields(), config_.collectors[item.key.text], place},
        item.value);
  }
}

}  // namespace plumbline
