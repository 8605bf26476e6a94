// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/yaml_path.h"

#include <algorithm>
#include <utility>

namespace plumbline {
namespace {

std::string_view first_of(std::string_view& path) {
  const auto dot = path.find('.');
  const auto first = path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  return first;
}

}  // namespace

const YamlEntry* yaml_entry(const YamlValue& map, std::string_view key) {
  const auto found =
      std::ranges::find_if(map.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == map.entries.end() ? nullptr : &*found;
}

const YamlValue* yaml_at(const YamlValue& root, std::string_view path) {
  const auto* value = &root;
  while (!path.empty()) {
    const auto* entry = yaml_entry(*value, first_of(path));
    if (entry == nullptr) return nullptr;
    value = &entry->value;
  }
  return value;
}

std::string yaml_text(const YamlValue& root, std::string_view path) {
  const auto* value = yaml_at(root, path);
  return value != nullptr && value->kind == YamlValue::Kind::kScalar ? value->text : std::string();
}

void put_yaml(YamlValue& root, std::string_view path, YamlValue value) {
  root.kind = YamlValue::Kind::kMap;
  const auto key = first_of(path);
  auto found =
      std::ranges::find_if(root.entries, [&](const auto& entry) { return entry.key.text == key; });
  if (found == root.entries.end()) {
    root.entries.push_back({.key = yaml_scalar(value, std::string(key)), .value = {}});
    found = root.entries.end() - 1;
    found->value.at = value.at;
  }
  if (path.empty()) {
    found->value = std::move(value);
  } else {
    put_yaml(found->value, path, std::move(value));
  }
}

YamlValue yaml_scalar(const YamlValue& like, std::string text) {
  return {.kind = YamlValue::Kind::kScalar,
          .at = like.at,
          .length = like.length,
          .text = std::move(text)};
}

}  // namespace plumbline
