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

inline constexpr std::array kExplainOptions{kOutput};
inline constexpr std::array kGenerateOptions{
    Option{.name = "out",
           .value = "DIR",
           .kind = ValueKind::kDirectory,
           .help = "The folder to write to; it is made when it does not exist."},
    Option{.name = "check",
           .help = "Write nothing; tell what in the folder is not what would be written."}};

inline constexpr std::array kSchemaOptions{Option{
    .name = "crd", .help = "As CustomResourceDefinitions for Kubernetes, one for each kind."}};

inline constexpr std::array kExplainExamples{
    Example{"plumbline explain manifests/", "every value of every manifest, and what it leads to"}};
inline constexpr std::array kGenerateExamples{
    Example{"plumbline generate manifests/ --out monitoring",
            "write rules, their tests and routes"},
    Example{"plumbline generate manifests/ --out monitoring --check",
            "end with 3 when what is committed is not what the manifests ask for"}};
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
    .summary = "write alert rules, their tests and Alertmanager routes from manifests",
    .description =
        "Below the folder: prometheus/rules for Prometheus, prometheus/tests for promtool test "
        "rules, alertmanager/alertmanager.yml, openslo for whoever reads OpenSLO v1. The same "
        "manifests always give the same bytes. "
        "Nothing is written when a manifest is wrong. Files of manifests that are gone are told, "
        "not deleted.",
    .argument = kManifests,
    .options = kGenerateOptions,
    .examples = kGenerateExamples};

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
