// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/program.h"
#include "agent/commands/table.h"
#include "agent/config/suggest.h"
#include "agent/runtime/api.h"
#include "agent/runtime/catalogue.h"

namespace plumbline {
namespace {

std::string attributes_of(const MetricSpec& spec) {
  return fmt::format("{}", fmt::join(spec.attributes.begin(), spec.attributes.end(), ", "));
}

std::string as_table(std::span<const CatalogueEntry> entries) {
  std::vector<Row> rows{{"METRIC", "INSTRUMENT", "UNIT", "ATTRIBUTES", "DESCRIPTION"}};
  for (const auto& entry : entries) {
    for (const auto& spec : entry.metrics) {
      rows.push_back({std::string(spec.name),
                      std::string(to_string(spec.instrument)),
                      std::string(ucum(spec.unit)),
                      attributes_of(spec),
                      std::string(spec.description)});
    }
  }
  return text_table(rows);
}

std::string as_markdown(std::span<const CatalogueEntry> entries) {
  std::string out;
  for (const auto& entry : entries) {
    std::vector<Row> rows{
        {"Metric", "Prometheus", "Instrument", "Unit", "Attributes", "Description", "Source"}};
    for (const auto& spec : entry.metrics) {
      rows.push_back({fmt::format("`{}`", spec.name),
                      fmt::format("`{}`", prometheus_name(spec)),
                      std::string(to_string(spec.instrument)),
                      fmt::format("`{}`", ucum(spec.unit)),
                      attributes_of(spec),
                      std::string(spec.description),
                      std::string(spec.source)});
    }
    out += fmt::format(
        "{}## {}\n\n{}", out.empty() ? "" : "\n", entry.collector, markdown_table(rows));
  }
  return out;
}

}  // namespace

int command_catalog(const Invocation& invocation, Program& program) {
  auto entries = whole_catalogue();
  const auto wanted = invocation.values("collector");
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.emplace_back(entry.collector);
  for (const auto& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    program.err << fmt::format(
        "plumbline: there is no collector \"{}\"; there are {}\n", name, fmt::join(names, ", "));
    const auto suggestion = closest(name, names);
    if (!suggestion.empty()) program.err << fmt::format("did you mean \"{}\"?\n", suggestion);
    return kUsage;
  }
  if (!wanted.empty()) {
    std::erase_if(entries, [&](const CatalogueEntry& entry) {
      return std::find(wanted.begin(), wanted.end(), entry.collector) == wanted.end();
    });
  }
  const auto form = invocation.value("output", "table");
  program.out << (form == "json"       ? catalog_json(entries)
                  : form == "markdown" ? as_markdown(entries)
                                       : as_table(entries));
  return kDone;
}

}  // namespace plumbline
