// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/gpu_fields.h"

#include <algorithm>
#include <cmath>

namespace plumbline::gpu {
namespace {

std::optional<std::uint64_t> as_whole(const nvml::FieldValue& value) {
  const auto signed_value = [](auto number) {
    return number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(number));
  };
  switch (value.type) {
    case nvml::ValueType::kDouble:
      return std::isfinite(value.value.real) ? signed_value(value.value.real) : std::nullopt;
    case nvml::ValueType::kUnsigned:
      return value.value.unsigned_int;
    case nvml::ValueType::kUnsignedLong:
      return value.value.unsigned_long;
    case nvml::ValueType::kUnsignedLongLong:
      return value.value.unsigned_long_long;
    case nvml::ValueType::kSignedLongLong:
      return signed_value(value.value.signed_long_long);
    case nvml::ValueType::kSigned:
      return signed_value(value.value.signed_int);
    case nvml::ValueType::kUnsignedShort:
      return value.value.unsigned_short;
  }
  return std::nullopt;  // a type younger than this program
}

std::optional<double> as_real(const nvml::FieldValue& value) {
  if (value.type == nvml::ValueType::kDouble) {
    return std::isfinite(value.value.real) ? std::optional(value.value.real) : std::nullopt;
  }
  const auto whole = as_whole(value);
  return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
}

}  // namespace

std::size_t field_index(unsigned id) {
  const auto* const found = std::ranges::find(kFieldTable, id, &FieldSpec::id);
  return static_cast<std::size_t>(found - kFieldTable.begin());
}

void forget(const FieldSpec& spec, GpuReading& out) {
  if (spec.real != nullptr) (out.*spec.real).reset();
  if (spec.whole != nullptr) (out.*spec.whole).reset();
  if (spec.flag != nullptr) (out.*spec.flag).reset();
  if (spec.slowdown) out.slowdown.at(static_cast<std::size_t>(*spec.slowdown)).reset();
}

void take(const FieldSpec& spec, const nvml::FieldValue& value, GpuReading& out) {
  const auto whole = as_whole(value);
  const auto real = as_real(value);
  if (spec.real != nullptr && real) out.*spec.real = *real * spec.unit;
  if (spec.whole != nullptr && whole) {
    out.*spec.whole = *whole * static_cast<std::uint64_t>(spec.unit);
  }
  if (spec.flag != nullptr && whole) out.*spec.flag = *whole != 0;
  if (spec.slowdown && real) {
    out.slowdown.at(static_cast<std::size_t>(*spec.slowdown)) = *real * spec.unit;
  }
}

}  // namespace plumbline::gpu
