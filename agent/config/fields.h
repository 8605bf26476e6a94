// SPDX-License-Identifier: Apache-2.0
//
// What can be configured, told once: parsing, `--set`, completion, the example file and the manual
// page all read these tables.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/config/config.h"

namespace plumbline {

enum class FieldType : std::uint8_t {
  kText,
  kFlag,
  kCount,
  kDuration,
  kSize,
  kPercent,  // in parts per million
  kChoice,
  kListenAddress,  // ADDRESS:PORT
  kDirectory,      // absolute
  kReadableFile,   // absolute, must be readable when the configuration is loaded
  kEndpoint,       // URL of an OTLP receiver
  kHttpUrl,        // http or https
  kTextList,
  kTextMap,
};

// What a change of the field asks of a running agent on SIGHUP.
enum class Effect : std::uint8_t {
  kNothing,       // taken over at once
  kCollectors,    // the collectors it concerns are closed and opened again
  kDestinations,  // the exporters are built again; what is queued stays
  kListener,      // the HTTP server is built again
  kIdentity,      // the source of pods is built again; what is known stays
  kProcess,       // only a restart of the agent
};

// A duration in milliseconds, a size in bytes, a percentage in parts per million, a count, or the
// index of a choice: std::uint64_t.
using FieldValue = std::variant<bool,
                                std::uint64_t,
                                std::string,
                                std::vector<std::string>,
                                std::map<std::string, std::string>>;

struct FieldInfo {
  std::string_view key;  // dotted below its section: "export.interval"
  FieldType type{};
  std::uint64_t min = 0;  // of counts, durations (ms), sizes (bytes) and percentages (ppm)
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  std::span<const std::string_view> choices = {};  // by the value of the enumeration
  std::string_view description;                    // sentences
  std::string_view example;                        // as YAML, for fields whose default says nothing
  Effect effect{};
};

// One field of the struct `Owner`.
template <class Owner>
struct Field {
  FieldInfo info;
  void (*store)(Owner& owner, FieldValue value);
  FieldValue (*load)(const Owner& owner);
};

std::span<const Field<Config>> config_fields();
std::span<const Field<OtlpConfig>> otlp_fields();              // of one item of `otlp`
std::span<const Field<KafkaConfig>> kafka_fields();            // of one item of `kafka`
std::span<const Field<ClickHouseConfig>> clickhouse_fields();  // of one item of `clickhouse`
std::span<const Field<KafkaClusterConfig>>
kafka_cluster_fields();                                      // of one item of `kafka_clusters`
std::span<const Field<CollectorConfig>> collector_fields();  // of one section of `collectors`

// Every field with its whole key: "otlp[].timeout", "collectors.NAME.period".
struct DocumentedField {
  std::string key;
  const FieldInfo* info;
  FieldValue default_value;
};
std::vector<DocumentedField> documented_fields();

// "a duration from 1s to 1h, such as 10s", for error messages and documentation.
std::string describe_expected(const FieldInfo& info);

// As it would be written in the file; empty for empty texts, lists and maps.
std::string format_value(const FieldInfo& info, const FieldValue& value);

}  // namespace plumbline
