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
    .help =
        "Manifests, or objectives of OpenSLO v1, Sloth and Pyrra; a folder stands for every "
        "*.yaml and *.yml below it."};

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
           .help = "Write nothing; tell what in the folder is not what would be written."},
    Option{.name = "runbooks",
           .value = "URL",
           .kind = ValueKind::kText,
           .help = "Where the runbooks are served: runbook_url of an alert is URL/NAME.md."},
    Option{.name = "node-team",
           .value = "NAME",
           .kind = ValueKind::kText,
           .help = "Whose the alerts are that belong to no manifest: on nodes, agents, Kafka."},
    Option{.name = "drill-scale",
           .value = "N",
           .kind = ValueKind::kText,
           .help =
               "For fault drills only: every window and wait is N times shorter, and no tests are "
               "written."}};

inline constexpr std::array<std::string_view, 2> kTextOrMarkdown{"text", "markdown"};

inline constexpr std::array kRunbookOptions{
    Option{.name = "label",
           .value = "KEY=VALUE",
           .kind = ValueKind::kText,
           .repeat = Repeat::kMany,
           .help = "What is known of the alert: its labels and annotations."},
    Option{.name = "alertmanager",
           .value = "URL",
           .kind = ValueKind::kText,
           .help = "Ask this Alertmanager, http://HOST:9093, for the alert as it fires now."},
    Option{.letter = 'o',
           .name = "output",
           .value = "FORM",
           .kind = ValueKind::kChoice,
           .choices = kTextOrMarkdown,
           .help = "How the runbook is written."}};

inline constexpr std::array kSchemaOptions{Option{
    .name = "crd", .help = "As CustomResourceDefinitions for Kubernetes, one for each kind."}};

inline constexpr std::array kExplainExamples{
    Example{"plumbline explain manifests/", "every value of every manifest, and what it leads to"}};
inline constexpr std::array kGenerateExamples{
    Example{"plumbline generate manifests/ --out monitoring",
            "write rules, their tests, routes and dashboards"},
    Example{"plumbline generate manifests/ --out monitoring --check",
            "end with 3 when what is committed is not what the manifests ask for"}};
inline constexpr std::array kRunbookExamples{
    Example{"plumbline runbook", "list the runbooks there are"},
    Example{"plumbline runbook UserEventsIngestionBacklog --alertmanager http://127.0.0.1:9093",
            "what to do now, with the values of the alert that fires"},
    Example{"plumbline runbook PipelineBacklog --label group=ingest-prod",
            "the commands for one consumer group"}};
inline constexpr std::array kSchemaExamples{
    Example{"plumbline schema > manifest.schema.json", "let an editor complete and check"},
    Example{"plumbline schema --crd | kubectl apply -f -", "let a cluster keep manifests"}};

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

inline constexpr Verb kRunbook{
    .name = "runbook",
    .summary = "tell what to do about an alert",
    .description =
        "What the alert means, what to look at in the first minute with commands to copy, how to "
        "decide, what to do with the safest first and how to undo it, and whom to call. The "
        "program brings all runbooks with it. Without an alert it lists them.",
    .argument = Argument{.name = "ALERT", .help = "The name of an alert, or of a runbook."},
    .options = kRunbookOptions,
    .examples = kRunbookExamples};
inline constexpr std::array kDiffOptions{
    Option{.name = "prometheus",
           .value = "URL",
           .kind = ValueKind::kText,
           .help = "The Prometheus to ask, such as http://prometheus:9090."},
    Option{.name = "timeout",
           .value = "TIME",
           .kind = ValueKind::kText,
           .help = "How long to wait for the answer; 5s if not told."}};
inline constexpr std::array kDiffExamples{
    Example{"plumbline diff manifests/ --prometheus http://prometheus:9090",
            "end with 3 when Prometheus has other alerts than these"}};

inline constexpr Verb kDiff{
    .name = "diff",
    .summary = "tell in what a running Prometheus differs from the manifests",
    .description =
        "Asks for its rules and compares the alerts of ours with those that the manifests ask for, "
        "by the revision that each carries. What is in a folder, `generate --check` compares.",
    .argument = kManifests,
    .options = kDiffOptions,
    .examples = kDiffExamples};

inline constexpr Verb kSchema{
    .name = "schema",
    .summary = "write the JSON Schema of the manifests",
    .description =
        "For editors. It knows every key, type, bound and default that the program "
        "knows; what it cannot tell, explain and generate tell.",
    .argument = std::nullopt,
    .options = kSchemaOptions,
    .examples = kSchemaExamples};

}  // namespace plumbline
