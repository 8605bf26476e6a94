// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/manifest/import.h"
#include "agent/manifest/yaml_path.h"

namespace plumbline {
namespace {

// Their keys differ between the plain file and the Kubernetes resource.
struct Keys {
  std::string_view error;
  std::string_view total;
  std::string_view page;
  std::string_view ticket;
};
constexpr Keys kPlain{
    "sli.events.error_query", "sli.events.total_query", "page_alert", "ticket_alert"};
constexpr Keys kResource{
    "sli.events.errorQuery", "sli.events.totalQuery", "pageAlert", "ticketAlert"};

}  // namespace

std::optional<YamlValue> Importer::sloth_slo(const YamlValue& slo, bool is_resource) {
  const auto& keys = is_resource ? kResource : kPlain;
  YamlValue out{.kind = YamlValue::Kind::kMap, .at = slo.at, .length = slo.length};
  const auto* name = yaml_at(slo, "name");
  const auto* target = yaml_at(slo, "objective");
  const auto* error = yaml_at(slo, keys.error);
  const auto* total = yaml_at(slo, keys.total);
  if (name == nullptr || target == nullptr) {
    refuse(slo, "the objective has no name or no target", "name and objective");
    return std::nullopt;
  }
  if (error == nullptr || total == nullptr) {
    const auto* sli = yaml_at(slo, "sli");
    const bool is_raw = yaml_at(slo, "sli.raw") != nullptr;
    refuse(sli == nullptr ? slo : *sli,
           is_raw ? "a ratio cannot be added up: budgets are made of counts"
                  : "nothing tells what counts",
           fmt::format("{} and {}", keys.error, keys.total));
    return std::nullopt;
  }
  put_yaml(out, "name", yaml_scalar(*name, manifest_name(name->text)));
  put_yaml(out, "target", *target);
  const bool good = put_query(out, "bad", *error) && put_query(out, "total", *total);
  for (const auto alert : {keys.page, keys.ticket}) {
    const auto* disabled = yaml_at(slo, fmt::format("alerting.{}.disable", alert));
    if (disabled == nullptr || disabled->text != "true") continue;
    refuse(*disabled, "an objective here has its alerts", "without disable");
    return std::nullopt;
  }
  for (const auto path : {"labels", "alerting.labels", "alerting.annotations"}) {
    if (const auto* labels = yaml_at(slo, path)) leave_out(*labels, path);
  }
  return good ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<YamlValue> Importer::sloth(const YamlValue& document, bool is_resource) {
  const auto* spec = is_resource ? yaml_at(document, "spec") : &document;
  const auto* service = spec == nullptr ? nullptr : yaml_at(*spec, "service");
  const auto* slos = spec == nullptr ? nullptr : yaml_at(*spec, "slos");
  if (service == nullptr || slos == nullptr || slos->kind != YamlValue::Kind::kList) {
    refuse(document, "a document of Sloth without service or slos");
    return std::nullopt;
  }
  auto manifest = service_manifest(*service);
  if (const auto* space = yaml_at(document, "metadata.namespace")) {
    put_yaml(manifest, "metadata.namespace", *space);
  }
  for (const auto* key : {"owner", "team"}) {
    const auto* owner = yaml_at(*spec, fmt::format("labels.{}", key));
    if (owner == nullptr) continue;
    put_yaml(manifest, "spec.owner", *owner);
    break;
  }
  YamlValue taken{.kind = YamlValue::Kind::kList, .at = slos->at};
  for (const auto& slo : slos->items) {
    if (auto one = sloth_slo(slo, is_resource)) taken.items.push_back(*std::move(one));
  }
  put_yaml(manifest, "spec.slos", std::move(taken));
  return manifest;
}

}  // namespace plumbline
