// SPDX-License-Identifier: Apache-2.0
//
// The verbs that read manifests, as command_line.cc lists them.
#pragma once

#include <array>

#include "agent/commands/command_line.h"
#include "agent/commands/options.h"

namespace plumbline {

inline constexpr Argument kManifests{
    .name = "FILE",
    .kind = ValueKind::kFile,
    .presence = Argument::Presence::kRequired,
    .repeat = Repeat::kMany,
    .help = "Manifests; a folder stands for every *.yaml and *.yml below it."};

inline constexpr std::array<std::string_view, 2> kBoardSchemas{"classic", "v2"};

inline constexpr std::array kExplainOptions{kOutput};
inline constexpr std::array kGenerateOptions{
    Option{.name = "out",
           .value = "DIR",
           .kind = ValueKind::kDirectory,
           .help = "The folder to write to; it is made when it does not exist."},
    Option{.name = "schema",
           .value = "SCHEMA",
           .kind = ValueKind::kChoice,
           .choices = kBoardSchemas,
           .help = "Of dashboards: classic for Grafana 9 and later, v2 for 13 and later."},
    Option{.name = "grafana",
           .value = "URL",
           .kind = ValueKind::kText,
           .help = "Where Grafana is, for the dashboard_url of alerts."},
    Option{.name = "check",
           .help = "Write nothing; tell what in the folder is not what would be written."}};

inline constexpr std::array kExplainExamples{
    Example{"plumbline explain manifests/", "every value of every manifest, and what it leads to"}};
inline constexpr std::array kGenerateExamples{
    Example{"plumbline generate manifests/ --out monitoring",
            "write rules, their tests, routes and dashboards"},
    Example{"plumbline generate manifests/ --out monitoring --check",
            "end with 3 when what is committed is not what the manifests ask for"}};
inline constexpr std::array kSchemaExamples{
    Example{"plumbline schema > manifest.schema.json", "let an editor complete and check"}};

inline constexpr Verb kExplain{
    .name = "explain",
    .summary = "tell what manifests say, what they leave to defaults, and what comes of it",
    .description =
        "Every key with its value and where that is from; every objective with its budget, how "
        "soon each of its alerts would tell of an outage and when the budget would be gone; how "
        "many rules would be generated.",
    .argument = kManifests,
    .options = kExplainOptions,
    .examples = kExplainExamples};

inline constexpr Verb kGenerate{
    .name = "generate",
    .summary = "write alert rules, their tests, routes and dashboards from manifests",
    .description =
        "Below the folder: prometheus/rules for Prometheus, prometheus/tests for promtool test "
        "rules, alertmanager/alertmanager.yml, grafana/dashboards and grafana/provisioning. The "
        "same manifests always give the same bytes. "
        "Nothing is written when a manifest is wrong. Files of manifests that are gone are told, "
        "not deleted.",
    .argument = kManifests,
    .options = kGenerateOptions,
    .examples = kGenerateExamples};

inline constexpr Verb kSchema{
    .name = "schema",
    .summary = "write the JSON Schema of the manifests",
    .description =
        "For editors. It knows every key, type, bound and default that the program "
        "knows; what it cannot tell, explain and generate tell.",
    .argument = std::nullopt,
    .options = {},
    .examples = kSchemaExamples};

}  // namespace plumbline
