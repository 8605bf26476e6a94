// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// The fields of one struct, and the struct.
template <class Owner>
struct Scope {
  std::span<const Field<Owner>> fields;
  Owner& owner;
  std::string place;  // before the key of a field: "", "otlp[0]."

  // nullptr when there is none.
  const Field<Owner>* find(std::string_view key) const {
    const auto found = std::find_if(
        fields.begin(), fields.end(), [&](const auto& field) { return field.info.key == key; });
    return found == fields.end() ? nullptr : &*found;
  }
};

// The keys that may stand below `prefix` ("export." → interval, queue), sections once.
template <class Owner>
std::vector<std::string> keys_below(std::span<const Field<Owner>> fields, std::string_view prefix) {
  std::vector<std::string> out;
  for (const auto& field : fields) {
    if (!field.info.key.starts_with(prefix)) continue;
    const auto rest = field.info.key.substr(prefix.size());
    const std::string name(rest.substr(0, rest.find('.')));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

// What the section of a table may hold beside its fields.
struct Extras {
  std::vector<std::string> keys;  // at its root
  // Reads the entry of one of them; false: it is none.
  std::function<bool(const YamlEntry& entry, const std::string& key)> take;
  // A whole key elsewhere whose last part is nearest to a word; empty when none is near.
  std::function<std::string(std::string_view word)> nearest;
};

// Turns YAML values into field values, remembers where they stood and gathers what is wrong.
class FieldReader {
 public:
  FieldReader(Places& places, std::vector<Problem>& problems)
      : places_(places), problems_(problems) {}

  // What is read from now on.
  void set_source(std::shared_ptr<const Source> source) { source_ = std::move(source); }
  const std::shared_ptr<const Source>& source() const { return source_; }
  std::vector<Problem>& problems() { return problems_; }

  bool is_full() const { return problems_.size() >= kMaxProblems; }

  // Reads and stores one field; leaves it as it was when the value makes no sense.
  template <class Owner>
  void store(const Scope<Owner>& scope, const Field<Owner>& field, const YamlEntry& entry) {
    const auto place = scope.place + std::string(field.info.key);
    remember(place, entry.value);
    auto value = read(field.info, entry, field.load(scope.owner), place);
    if (value) field.store(scope.owner, *std::move(value));
  }

  // Every entry of a section, by its fields and extras; what is neither is told. `prefix`: the
  // section's own place in the table, "export.".
  template <class Owner>
  void read_section(const Scope<Owner>& scope,
                    const YamlValue& section,
                    const std::string& prefix,
                    const Extras& extras) {
    std::map<std::string, Position> seen;
    for (const auto& entry : section.entries) {
      if (accept_key(entry, seen)) read_entry(scope, entry, prefix, extras);
    }
  }

  void remember(const std::string& place, const YamlValue& value) {
    places_[place] = {source_, value.at, value.length};
  }

  // True for the first of equal keys; tells of the others, and of keys that are no single value.
  bool accept_key(const YamlEntry& entry, std::map<std::string, Position>& seen);
  bool expect(YamlValue::Kind kind, const YamlEntry& entry, std::string_view expected);
  void complain(const YamlValue& at,
                std::string what,
                std::string expected = {},
                std::string suggestion = {});

 private:
  template <class Owner>
  void read_entry(const Scope<Owner>& scope,
                  const YamlEntry& entry,
                  const std::string& prefix,
                  const Extras& extras) {
    const auto key = prefix + entry.key.text;
    if (extras.take && extras.take(entry, key)) return;
    if (const auto* field = scope.find(key)) return store(scope, *field, entry);
    const auto below = keys_below(scope.fields, key + ".");
    if (below.empty()) {
      auto known = keys_below(scope.fields, prefix);
      if (prefix.empty()) known.insert(known.end(), extras.keys.begin(), extras.keys.end());
      return unknown_key(entry.key, known, extras);
    }
    // A section whose keys are all commented out is as good as none.
    if (entry.value.kind == YamlValue::Kind::kNull) return;
    if (expect_section(entry, below)) read_section(scope, entry.value, key + ".", extras);
  }

  void unknown_key(const YamlValue& key,
                   const std::vector<std::string>& known,
                   const Extras& extras);
  bool expect_section(const YamlEntry& entry, const std::vector<std::string>& keys);
  std::optional<FieldValue> read(const FieldInfo& info,
                                 const YamlEntry& entry,
                                 FieldValue current,
                                 const std::string& place);
  std::optional<FieldValue> read_scalar(const FieldInfo& info, const YamlEntry& entry);
  std::optional<FieldValue> read_list(const FieldInfo& info,
                                      const YamlEntry& entry,
                                      const std::string& place);
  // Over what is there: a file adds to the environment, a setting to the file.
  std::optional<FieldValue> read_map(const FieldInfo& info,
                                     const YamlEntry& entry,
                                     FieldValue current,
                                     const std::string& place);

  Places& places_;
  std::vector<Problem>& problems_;
  std::shared_ptr<const Source> source_;
};

}  // namespace plumbline
