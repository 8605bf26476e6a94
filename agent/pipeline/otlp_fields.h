// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "exporters/exporter.h"

namespace plumbline::otlp {

// How a field stands in JSON.
enum class Type : std::uint8_t {
  kText,
  kHex,     // trace and span ids
  kBase64,  // other bytes
  kBool,
  kUint32,  // also enumerations: numbers in JSON
  kSint32,
  kInt64,  // text in JSON, as all 64-bit integers
  kUint64,
  kFixed32,
  kFixed64,
  kSfixed64,
  kDouble,
  kMessage,
};

enum class Count : std::uint8_t { kOne, kMany };

// In the order in which a row of the tables is read, not the one that packs best.
struct FieldRow {  // NOLINT(clang-analyzer-optin.performance.Padding)
  unsigned tag;
  std::string_view name;
  Type type;
  Count count = Count::kOne;
  std::span<const FieldRow> (*message)() = nullptr;
};
using Table = std::span<const FieldRow>;

// The fields of Export{Metrics,Trace,Logs}ServiceRequest (opentelemetry/proto/collector).
Table request_table(Signal signal);

}  // namespace plumbline::otlp
