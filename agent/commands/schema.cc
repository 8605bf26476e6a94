// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <ostream>

#include "agent/commands/program.h"
#include "agent/manifest/fields.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

Json default_of(const ManifestValue& value) {
  if (const auto* flag = std::get_if<bool>(&value.value)) return *flag;
  if (value.info->type == FieldType::kCount) return std::get<std::uint64_t>(value.value);
  if (value.info->type == FieldType::kPercent) {
    return static_cast<double>(std::get<std::uint64_t>(value.value)) / 10'000;
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value.value)) return *list;
  return format_value(*value.info, value.value);
}

Json type_of(const FieldInfo& info) {
  switch (info.type) {
    case FieldType::kFlag:
      return {{"type", "boolean"}};
    case FieldType::kCount:
      return {{"type", "integer"}, {"minimum", info.min}, {"maximum", info.max}};
    case FieldType::kPercent:
      return {{"type", "number"},
              {"minimum", static_cast<double>(info.min) / 10'000},
              {"maximum", static_cast<double>(info.max) / 10'000}};
    case FieldType::kDuration:
      return {{"type", "string"}, {"pattern", R"(^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$)"}};
    case FieldType::kChoice: {
      Json choices = Json::array();
      for (const auto choice : info.choices) choices.push_back(choice);
      return {{"type", "string"}, {"enum", std::move(choices)}};
    }
    case FieldType::kTextList:
      return {{"type", "array"}, {"items", {{"type", "string"}}}};
    default:
      return {{"type", "string"}};
  }
}

Json section() {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
}

void require(Json& object, std::string_view key) {
  auto& required = object["required"];
  if (required.is_null()) required = Json::array();
  if (std::find(required.begin(), required.end(), key) == required.end()) required.push_back(key);
}

// The object that holds the last part of `key`, made with the ones around it.
Json& parent_of(Json& root, std::string_view& key, bool required) {
  auto* object = &root;
  for (auto dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
    const std::string part(key.substr(0, dot));
    if (required) require(*object, part);
    auto& below = (*object)["properties"][part];
    if (below.is_null()) below = section();
    object = &below;
    key.remove_prefix(dot + 1);
  }
  if (required) require(*object, key);
  return *object;
}

void add_field(const ManifestValue& value, std::span<const std::string_view> needed, Json& schema) {
  std::string_view key = value.key;
  const bool required = std::ranges::find(needed, key) != needed.end();
  auto& parent = parent_of(schema, key, required);
  auto type = type_of(*value.info);
  type["description"] = value.info->description;
  if (!required) type["default"] = default_of(value);
  parent["properties"][std::string(key)] = std::move(type);
}

Json slos_schema() {
  auto item = section();
  const SloSpec defaults;
  for (const auto& field : slo_fields()) {
    add_field({std::string(field.info.key), &field.info, field.load(defaults)}, kSloRequired, item);
  }
  return {{"type", "array"},
          {"description", "Objectives that are told by queries."},
          {"items", std::move(item)}};
}

Json schema_of(const ManifestKind& kind) {
  auto schema = section();
  schema["title"] = kind.name;
  schema["description"] = kind.description;
  schema["properties"] = {{"apiVersion", {{"const", kManifestVersion}}},
                          {"kind", {{"const", kind.name}}}};
  require(schema, "apiVersion");
  require(schema, "kind");
  for (const auto& value : manifest_values(default_manifest(kind))) {
    add_field(value, kind.required, schema);
  }
  schema["properties"]["spec"]["properties"]["slos"] = slos_schema();
  return schema;
}

// What Kubernetes calls structural: a type everywhere, no constants, no closed sections (unknown
// keys are pruned there), no default that would not be valid itself.
void make_structural(Json& schema) {
  for (const auto* key : {"additionalProperties", "title", "const"}) schema.erase(key);
  const auto text = schema.find("default");
  const auto* value = text == schema.end() ? nullptr : text->get_ptr<const std::string*>();
  if (value != nullptr && value->empty()) schema.erase("default");
  if (schema.contains("properties")) {
    for (auto& [key, below] : schema["properties"].items()) make_structural(below);
  }
  if (schema.contains("items")) make_structural(schema["items"]);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(
      out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Json crd_of(const ManifestKind& kind) {
  const auto slash = kManifestVersion.find('/');
  const std::string group(kManifestVersion.substr(0, slash));
  auto schema = schema_of(kind);
  make_structural(schema);
  schema.erase("required");
  for (const auto* key : {"apiVersion", "kind"}) schema["properties"][key] = {{"type", "string"}};
  // What stands there is for Kubernetes to say.
  schema["properties"]["metadata"] = {{"type", "object"}};
  const auto singular = lower(kind.name);
  Json version{{"name", kManifestVersion.substr(slash + 1)},
               {"served", true},
               {"storage", true},
               {"schema", {{"openAPIV3Schema", std::move(schema)}}},
               {"additionalPrinterColumns",
                {{{"name", "Owner"}, {"type", "string"}, {"jsonPath", ".spec.owner"}},
                 {{"name", "Tier"}, {"type", "integer"}, {"jsonPath", ".spec.tier"}}}}};
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", singular + "s." + group}}},
          {"spec",
           {{"group", group},
            {"scope", "Namespaced"},
            {"names",
             {{"kind", kind.name},
              {"listKind", std::string(kind.name) + "List"},
              {"plural", singular + "s"},
              {"singular", singular}}},
            {"versions", Json::array({std::move(version)})}}}};
}

}  // namespace

int command_schema(const Invocation& invocation, Program& program) {
  const bool crd = invocation.has("crd");
  Json kinds = Json::array();
  for (const auto& kind : manifest_kinds()) kinds.push_back(crd ? crd_of(kind) : schema_of(kind));
  const Json schema =
      crd ? Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(kinds)}}
          : Json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Plumbline manifests"},
                 {"oneOf", std::move(kinds)}};
  program.out << schema.dump(2) << '\n';
  return kDone;
}

}  // namespace plumbline
