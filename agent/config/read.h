// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/fields.h"
#include "agent/config/problem.h"
#include "agent/config/yaml.h"

namespace plumbline {

// Where a value was written, so that what is wrong between two values can be shown too.
struct Place {
  std::shared_ptr<const Source> source;
  Position at;
  std::size_t length = 1;
};

// By whole key: "export.interval", "otlp[0].headers.x-tenant", "collectors.sched.period".
using Places = std::map<std::string, Place>;

// Fills a Config from a file and from single settings, one over the other, and gathers every
// problem on the way.
class ConfigReader {
 public:
  // `collectors`: the names that exist; empty: any name is taken.
  ConfigReader(Config& config,
               Places& places,
               std::vector<Problem>& problems,
               std::vector<std::string> collectors)
      : config_(config), places_(places), problems_(problems), collectors_(std::move(collectors)) {}

  // A whole document.
  void read(const std::shared_ptr<const Source>& source, const YamlValue& root);

  // One value by its dotted key, "otlp.0.timeout"; lists as "a,b" or "[a, b]", maps as "{a: b}".
  // `source` is the argument; the value is what follows its first `value_offset` bytes.
  void set(const std::shared_ptr<const Source>& source,
           std::string_view key,
           std::size_t value_offset);

 private:
  // The fields of one struct, and the struct.
  template <class Owner>
  struct Scope {
    std::span<const Field<Owner>> fields;
    Owner& owner;
    std::string place;  // before the key of a field: "", "otlp[0]."
  };

  template <class Owner>
  void read_section(const Scope<Owner>& scope, const YamlValue& section, const std::string& prefix);
  template <class Owner>
  void read_entry(const Scope<Owner>& scope, const YamlEntry& entry, const std::string& key);
  template <class Owner>
  bool set_in(const Scope<Owner>& scope, std::string_view key, std::size_t value_offset);
  template <class Owner>
  void store(const Scope<Owner>& scope, const Field<Owner>& field, const YamlEntry& entry);

  std::optional<FieldValue> read_scalar(const FieldInfo& info, const YamlEntry& entry);
  std::optional<FieldValue> read_list(const FieldInfo& info, const YamlEntry& entry);
  std::optional<FieldValue> read_map(const FieldInfo& info,
                                     const YamlEntry& entry,
                                     FieldValue current,
                                     const std::string& place);

  void read_destinations(const YamlEntry& entry);
  void read_collectors(const YamlEntry& entry);
  bool is_collector(const YamlValue& name);
  bool set_destination(std::string_view key, std::size_t value_offset);
  bool set_collector(std::string_view key, std::size_t value_offset);
  // nullopt: it could not be read, and that was told.
  std::optional<YamlValue> argument_value(const FieldInfo& info, std::size_t value_offset);

  // True for the first of equal keys; tells of the others, and of keys that are no single value.
  bool accept_key(const YamlEntry& entry, std::map<std::string, Position>& seen);
  bool expect(YamlValue::Kind kind, const YamlEntry& entry, std::string_view expected);
  void complain(const YamlValue& at,
                std::string what,
                std::string expected = {},
                std::string suggestion = {});
  void unknown_key(const YamlValue& key, const std::vector<std::string>& known);

  Config& config_;
  Places& places_;
  std::vector<Problem>& problems_;
  std::vector<std::string> collectors_;
  std::shared_ptr<const Source> source_;
};

}  // namespace plumbline
