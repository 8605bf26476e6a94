// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/import.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "agent/config/value.h"
#include "agent/manifest/kinds.h"
#include "agent/manifest/promql_text.h"
#include "agent/manifest/yaml_path.h"

namespace plumbline {
namespace {

enum class Format : std::uint8_t { kOurs, kOpenSlo, kSloth, kSlothResource, kPyrra };

Format format_of(const YamlValue& document) {
  const auto version = yaml_text(document, "apiVersion");
  if (version.starts_with("openslo/")) return Format::kOpenSlo;
  if (version.starts_with("sloth.slok.dev/")) return Format::kSlothResource;
  if (version.starts_with("pyrra.dev/")) return Format::kPyrra;
  return yaml_text(document, "version") == "prometheus/v1" ? Format::kSloth : Format::kOurs;
}

}  // namespace

bool Importer::is_foreign(const YamlValue& document) {
  return format_of(document) != Format::kOurs;
}

std::optional<YamlValue> Importer::manifest_of(const YamlValue& document) {
  switch (format_of(document)) {
    case Format::kOpenSlo:
      return openslo(document);
    case Format::kSloth:
      return sloth(document, false);
    case Format::kSlothResource:
      return sloth(document, true);
    case Format::kPyrra:
      return pyrra(document);
    case Format::kOurs:
      break;
  }
  return std::nullopt;
}

void Importer::refuse(const YamlValue& at, std::string what, std::string expected) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({.source = source_,
                       .at = at.at,
                       .length = at.length,
                       .what = std::move(what),
                       .expected = std::move(expected)});
}

void Importer::leave_out(const YamlValue& at, std::string_view what) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({.severity = Severity::kWarning,
                       .source = source_,
                       .at = at.at,
                       .length = at.length,
                       .what = fmt::format("{} is not taken over", what)});
}

bool Importer::put_query(YamlValue& slo, std::string_view key, const YamlValue& query) {
  auto counting = query.kind == YamlValue::Kind::kScalar ? counting_query(query.text)
                                                         : std::optional<std::string>();
  if (!counting) {
    refuse(query,
           "the query counts no events: budgets are made of counts, never of ratios",
           "a counter, or its rate or increase over a window");
    return false;
  }
  put_yaml(slo, key, yaml_scalar(query, *std::move(counting)));
  return true;
}

std::string manifest_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain) {
      name += lower;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

std::optional<std::string> counting_query(std::string query) {
  while (!query.empty() && std::isspace(static_cast<unsigned char>(query.back())) != 0) {
    query.pop_back();
  }
  query = with_window(std::move(query));
  if (!promql_complaint(query).empty()) return std::nullopt;
  if (is_selector(query)) return fmt::format("sum(increase({}[{}]))", query, kWindowPlace);
  if (query.starts_with("sum(") && query.ends_with(")") &&
      is_selector(std::string_view(query).substr(4, query.size() - 5))) {
    return fmt::format("sum(increase({}[{}]))", query.substr(4, query.size() - 5), kWindowPlace);
  }
  if (query.find(kWindowPlace) == std::string::npos) return std::nullopt;
  const auto functions = promql_functions(query);
  const auto has = [&](std::string_view name) {
    return std::ranges::find(functions, name) != functions.end();
  };
  if (has("irate") || has("avg_over_time") || has("avg")) return std::nullopt;
  if (!has("rate") && !has("increase") && !has("sum_over_time") && !has("count_over_time")) {
    return std::nullopt;
  }
  return rates_as_increases(std::move(query));
}

YamlValue service_manifest(const YamlValue& name) {
  YamlValue manifest{.kind = YamlValue::Kind::kMap, .at = name.at};
  put_yaml(manifest, "apiVersion", yaml_scalar(name, std::string(kManifestVersion)));
  put_yaml(manifest, "kind", yaml_scalar(name, "Service"));
  put_yaml(manifest, "metadata.name", yaml_scalar(name, manifest_name(name.text)));
  YamlValue slos{.kind = YamlValue::Kind::kList, .at = name.at};
  put_yaml(manifest, "spec.slos", std::move(slos));
  return manifest;
}

}  // namespace plumbline
