// SPDX-License-Identifier: Apache-2.0
//
// The keys of the manifests, told once.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "agent/config/fields.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

std::span<const Field<ClickHouseCluster>> clickhouse_cluster_fields();
std::span<const Field<DataPipeline>> data_pipeline_fields();

struct ManifestKind {
  std::string_view name;  // "DataPipeline"
  std::string_view description;
  std::span<const std::string_view> required;  // keys that have no default
};
std::span<const ManifestKind> manifest_kinds();

// Every key of a kind, with what it holds: in the order of the table.
struct ManifestValue {
  const FieldInfo* info;
  FieldValue value;
};
std::vector<ManifestValue> manifest_values(const PlatformManifest& manifest);

// A manifest of that kind with nothing but defaults.
PlatformManifest default_manifest(const ManifestKind& kind);

// "DataPipeline"
std::string_view kind_of(const PlatformManifest& manifest);

}  // namespace plumbline
