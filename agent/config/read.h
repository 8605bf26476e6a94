// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/field_reader.h"
#include "agent/config/problem.h"
#include "agent/config/yaml.h"

namespace plumbline {

// A section that is a list of equal things: OTLP destinations, ClickHouse servers.
template <class Item>
struct ItemList {
  std::string_view key;      // "otlp"
  std::string_view noun;     // "destination"
  std::string_view example;  // of one item
  std::span<const Field<Item>> fields;
  std::vector<Item>& items;
};

// Fills a Config from a file and from single settings, one over the other, and gathers every
// problem on the way.
class ConfigReader {
 public:
  // Each destination or server has connections of its own; more is a mistake.
  static constexpr std::size_t kMaxItems = 16;

  // `collectors`: the names that exist; empty: any name is taken.
  ConfigReader(Config& config,
               Places& places,
               std::vector<Problem>& problems,
               std::vector<std::string> collectors)
      : config_(config), fields_(places, problems), collectors_(std::move(collectors)) {}

  // A whole document.
  void read(const std::shared_ptr<const Source>& source, const YamlValue& root);

  // One value by its dotted key, "otlp.0.timeout"; lists as "a,b" or "[a, b]", maps as "{a: b}".
  // `source` is the argument; the value is what follows its first `value_offset` bytes.
  void set(const std::shared_ptr<const Source>& source,
           std::string_view key,
           std::size_t value_offset);

 private:
  // Of a document (read.cc).
  template <class Owner>
  void read_section(const Scope<Owner>& scope, const YamlValue& section);
  // A key of the root that is no field.
  bool take(const YamlEntry& entry, const std::string& key);
  template <class Item>
  void read_list(const ItemList<Item>& list, const YamlEntry& entry);
  void read_collectors(const YamlEntry& entry);
  bool is_collector(const YamlValue& name);

  // Of a setting (set.cc).
  template <class Owner>
  bool set_in(const Scope<Owner>& scope, std::string_view key, std::size_t value_offset);
  template <class Item>
  bool set_item(const ItemList<Item>& list, std::string_view key, std::size_t value_offset);
  bool set_collector(std::string_view key, std::size_t value_offset);
  void unknown_setting(std::string_view key);
  // nullopt: it could not be read, and that was told.
  std::optional<YamlValue> argument_value(const FieldInfo& info, std::size_t value_offset);

  ItemList<OtlpConfig> destinations() {
    return {"otlp", "destination", "{endpoint: grpc://HOST:4317}", otlp_fields(), config_.otlp};
  }
  ItemList<KafkaConfig> kafka_destinations() {
    return {"kafka", "destination", "{brokers: [HOST:9092]}", kafka_fields(), config_.kafka};
  }
  ItemList<KafkaClusterConfig> kafka_clusters() {
    return {"kafka_clusters",
            "Kafka cluster",
            "{name: main, brokers: [HOST:9092]}",
            kafka_cluster_fields(),
            config_.kafka_clusters};
  }
  ItemList<ClickHouseConfig> clickhouse_servers() {
    return {"clickhouse",
            "ClickHouse server",
            "{url: http://HOST:8123}",
            clickhouse_fields(),
            config_.clickhouse};
  }

  Config& config_;
  FieldReader fields_;
  std::vector<std::string> collectors_;
};

// The documented key whose last part is nearest to `word`: "interval" → "export.interval". Empty
// when none is near.
std::string closest_anywhere(std::string_view word);

}  // namespace plumbline
