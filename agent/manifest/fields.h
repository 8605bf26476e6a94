// SPDX-License-Identifier: Apache-2.0
//
// The keys of the manifests, told once.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/fields.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// Of one kind; overloads for std::visit.
std::span<const Field<ClickHouseCluster>> fields_of(const ClickHouseCluster& /*kind*/);
std::span<const Field<DataPipeline>> fields_of(const DataPipeline& /*kind*/);
std::span<const Field<KafkaCluster>> fields_of(const KafkaCluster& /*kind*/);
std::span<const Field<GpuPool>> fields_of(const GpuPool& /*kind*/);
std::span<const Field<ModelService>> fields_of(const ModelService& /*kind*/);
std::span<const Field<Service>> fields_of(const Service& /*kind*/);

// Of one item of the list kSlosKey, which every kind may have.
inline constexpr std::string_view kSlosKey = "spec.slos";
std::span<const Field<SloSpec>> slo_fields();
inline constexpr std::array<std::string_view, 1> kSloRequired{"name"};

struct ManifestKind {
  std::string_view name;  // "DataPipeline"
  std::string_view description;
  std::span<const std::string_view> required;  // keys that have no default
};
std::span<const ManifestKind> manifest_kinds();

// Every key of a kind, with what it holds: in the order of the table, those of its list of
// objectives behind: "spec.slos[0].name".
struct ManifestValue {
  std::string key;
  const FieldInfo* info;
  FieldValue value;
};
std::vector<ManifestValue> manifest_values(const PlatformManifest& manifest);

// A manifest of that kind with nothing but defaults.
PlatformManifest default_manifest(const ManifestKind& kind);

// "DataPipeline"
std::string_view kind_of(const PlatformManifest& manifest);

}  // namespace plumbline
