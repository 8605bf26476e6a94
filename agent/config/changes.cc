// SPDX-License-Identifier: Apache-2.0
#include "agent/config/changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/redact.h"

namespace plumbline {
namespace {

struct Flat {
  std::string key;
  std::string text;  // what is shown
  FieldValue value;  // what is compared: secrets that differ look the same
  Effect effect;
};

bool is_secret(const FieldInfo& info) {
  return info.key == "headers";
}

void add(std::vector<Flat>& out, std::string key, const FieldInfo& info, FieldValue value) {
  if (const auto* map = std::get_if<std::map<std::string, std::string>>(&value)) {
    for (const auto& [name, text] : *map) {
      out.push_back({.key = fmt::format("{}.{}", key, name),
                     .text = is_secret(info) ? std::string(kRedacted) : text,
                     .value = text,
                     .effect = info.effect});
    }
    return;
  }
  std::string text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    text = list->empty() ? "" : fmt::format("[{}]", fmt::join(*list, ", "));
  } else {
    text = format_value(info, value);
    if (info.type == FieldType::kEndpoint || info.type == FieldType::kHttpUrl)
      text = redacted_url(text);
  }
  out.push_back({std::move(key), std::move(text), std::move(value), info.effect});
}

template <class Owner>
void add_all(std::vector<Flat>& out,
             const std::string& prefix,
             std::span<const Field<Owner>> fields,
             const Owner& owner) {
  for (const auto& field : fields) {
    add(out, fmt::format("{}{}", prefix, field.info.key), field.info, field.load(owner));
  }
}

// `collectors`: those to list, with defaults for what `config` does not mention.
std::vector<Flat> flatten(const Config& config, const std::set<std::string>& collectors) {
  std::vector<Flat> out;
  add_all(out, "", config_fields(), config);
  for (const auto& name : collectors) {
    const auto known = config.collectors.find(name);
    add_all(out,
            fmt::format("collectors.{}.", name),
            collector_fields(),
            known == config.collectors.end() ? CollectorConfig{} : known->second);
  }
  for (std::size_t i = 0; i < config.otlp.size(); ++i) {
    add_all(out, fmt::format("otlp[{}].", i), otlp_fields(), config.otlp[i]);
  }
  for (std::size_t i = 0; i < config.kafka.size(); ++i) {
    add_all(out, fmt::format("kafka[{}].", i), kafka_fields(), config.kafka[i]);
  }
  for (std::size_t i = 0; i < config.clickhouse.size(); ++i) {
    add_all(out, fmt::format("clickhouse[{}].", i), clickhouse_fields(), config.clickhouse[i]);
  }
  for (std::size_t i = 0; i < config.kafka_clusters.size(); ++i) {
    add_all(out,
            fmt::format("kafka_clusters[{}].", i),
            kafka_cluster_fields(),
            config.kafka_clusters[i]);
  }
  return out;
}

std::set<std::string> names(const Config& config) {
  std::set<std::string> out;
  for (const auto& [name, section] : config.collectors) out.insert(name);
  return out;
}

std::string_view or_none(const std::string& text) {
  return text.empty() ? std::string_view("(none)") : std::string_view(text);
}

}  // namespace

std::vector<Change> describe_changes(const Config& before, const Config& after) {
  auto collectors = names(before);
  collectors.merge(names(after));
  std::map<std::string, Flat> old;
  for (auto& flat : flatten(before, collectors)) old.emplace(flat.key, std::move(flat));
  std::vector<Change> changes;
  for (const auto& flat : flatten(after, collectors)) {
    const auto was = old.extract(flat.key);
    if (was.empty() && flat.text.empty()) continue;  // an unset field of a new destination
    if (!was.empty() && was.mapped().value == flat.value) continue;
    changes.push_back({.key = flat.key,
                       .before = was.empty() ? "" : was.mapped().text,
                       .after = flat.text,
                       .effect = flat.effect});
  }
  for (const auto& [key, flat] : old) {
    if (!flat.text.empty()) changes.push_back({key, flat.text, "", flat.effect});
  }
  return changes;
}

std::string to_text(const Change& change) {
  return fmt::format("{}: {} → {}{}",
                     change.key,
                     or_none(change.before),
                     or_none(change.after),
                     change.effect == Effect::kProcess ? " (needs a restart)" : "");
}

std::vector<std::pair<std::string, std::string>> describe_config(const Config& config) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& flat : flatten(config, names(config))) {
    if (!flat.text.empty()) out.emplace_back(std::move(flat.key), std::move(flat.text));
  }
  return out;
}

}  // namespace plumbline
