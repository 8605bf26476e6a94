// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/encode.h"

#include <protozero/pbf_writer.hpp>

#include "agent/identity/owner.h"
#include "agent/pipeline/wire.h"

namespace plumbline {
namespace {

using wire::field_length;
using wire::kFixed64FieldLength;
using wire::varint_length;

// Field numbers of opentelemetry.proto.{collector.metrics,metrics,resource,common}.v1; the number
// of attributes in a data point is part of Series::otlp_attributes().
namespace field {
constexpr unsigned kRequestResourceMetrics = 1;
constexpr unsigned kResourceMetricsResource = 1;
constexpr unsigned kResourceMetricsScopeMetrics = 2;
constexpr unsigned kResourceMetricsSchemaUrl = 3;
constexpr unsigned kScopeMetricsScope = 1;
constexpr unsigned kScopeMetricsMetrics = 2;
constexpr unsigned kScopeMetricsSchemaUrl = 3;
constexpr unsigned kMetricName = 1;
constexpr unsigned kMetricDescription = 2;
constexpr unsigned kMetricUnit = 3;
constexpr unsigned kMetricGauge = 5;
constexpr unsigned kMetricSum = 7;
constexpr unsigned kMetricExponentialHistogram = 10;
constexpr unsigned kDataPoints = 1;
constexpr unsigned kTemporality = 2;
constexpr unsigned kSumIsMonotonic = 3;
constexpr unsigned kPointStart = 2;  // the same in number and histogram points
constexpr unsigned kPointTime = 3;
constexpr unsigned kNumberAsDouble = 4;
constexpr unsigned kNumberAsInt = 6;
constexpr unsigned kNumberFlags = 8;
constexpr unsigned kHistogramCount = 4;
constexpr unsigned kHistogramSum = 5;
constexpr unsigned kHistogramScaleField = 6;
constexpr unsigned kHistogramZeroCount = 7;
constexpr unsigned kHistogramPositive = 8;
constexpr unsigned kHistogramFlags = 10;
constexpr unsigned kHistogramZeroThreshold = 14;
constexpr unsigned kBucketsOffset = 1;
constexpr unsigned kBucketsCounts = 2;
constexpr unsigned kResourceAttributes = 1;
constexpr unsigned kScopeNameField = 1;
constexpr unsigned kScopeVersion = 2;
}  // namespace field

constexpr std::uint64_t kCumulative = 2;
constexpr std::uint64_t kNoRecordedValue = 1;
constexpr std::size_t kSmallFieldLength = 2;  // tag and a varint below 128

unsigned data_field(Instrument instrument) {
  switch (instrument) {
    case Instrument::kGauge:
      return field::kMetricGauge;
    case Instrument::kHistogram:
      return field::kMetricExponentialHistogram;
    default:
      return field::kMetricSum;
  }
}

// What stands behind the data points in the Sum, Gauge or ExponentialHistogram message.
std::size_t data_tail_length(Instrument instrument) {
  switch (instrument) {
    case Instrument::kGauge:
      return 0;
    case Instrument::kCounter:
      return 2 * kSmallFieldLength;
    default:
      return kSmallFieldLength;
  }
}

char* put_data_tail(char* out, Instrument instrument) {
  if (instrument == Instrument::kGauge) return out;
  out = wire::put_varint_field(out, field::kTemporality, kCumulative);
  if (instrument != Instrument::kCounter) return out;
  return wire::put_varint_field(out, field::kSumIsMonotonic, 1);
}

bool has_no_value(const LatestEntry& entry) {
  return entry.vanished && !entry.untold;
}

std::size_t times_length(const LatestEntry& entry) {
  return entry.start == 0 ? kFixed64FieldLength : 2 * kFixed64FieldLength;
}

char* put_times(char* out, const LatestEntry& entry) {
  if (entry.start != 0) out = wire::put_fixed64_field(out, field::kPointStart, entry.start);
  return wire::put_fixed64_field(out, field::kPointTime, entry.time);
}

std::size_t number_length(const LatestEntry& entry) {
  const auto value = has_no_value(entry) ? kSmallFieldLength : kFixed64FieldLength;
  return entry.series->otlp_attributes().size() + times_length(entry) + value;
}

char* put_number(char* out, const LatestEntry& entry, bool integral) {
  out = wire::put_length(out, field::kDataPoints, number_length(entry));
  out = wire::put_bytes(out, entry.series->otlp_attributes());
  out = put_times(out, entry);
  if (has_no_value(entry))
    return wire::put_varint_field(out, field::kNumberFlags, kNoRecordedValue);
  if (integral) return wire::put_fixed64_field(out, field::kNumberAsInt, entry.value.integer);
  return wire::put_fixed64_field(out, field::kNumberAsDouble, entry.value.real);
}

char* put_histogram(char* out, const LatestEntry& entry, const HistogramLengths& lengths) {
  out = wire::put_length(out, field::kDataPoints, lengths.point);
  out = wire::put_bytes(out, entry.series->otlp_attributes());
  out = put_times(out, entry);
  if (has_no_value(entry))
    return wire::put_varint_field(out, field::kHistogramFlags, kNoRecordedValue);
  const auto view = entry.histogram->view();
  out = wire::put_fixed64_field(out, field::kHistogramCount, view.count);
  out = wire::put_fixed64_field(out, field::kHistogramSum, view.sum);
  out = wire::put_varint_field(out, field::kHistogramScaleField, wire::zigzag(kHistogramScale));
  out = wire::put_fixed64_field(out, field::kHistogramZeroCount, view.zero_count);
  if (lengths.buckets != 0) {
    out = wire::put_length(out, field::kHistogramPositive, lengths.buckets);
    out = wire::put_varint_field(out, field::kBucketsOffset, wire::zigzag(view.offset));
    out = wire::put_length(out, field::kBucketsCounts, lengths.counts);
    for (const auto count : view.buckets) out = wire::put_varint(out, count);
  }
  if (view.zero_threshold == 0) return out;
  return wire::put_fixed64_field(out, field::kHistogramZeroThreshold, view.zero_threshold);
}

std::size_t metric_head_length(const MetricSpec& spec) {
  return field_length(spec.name.size()) + field_length(spec.description.size()) +
         field_length(ucum(spec.unit).size());
}

char* put_metric_head(char* out, const MetricSpec& spec) {
  out = wire::put_bytes_field(out, field::kMetricName, spec.name);
  out = wire::put_bytes_field(out, field::kMetricDescription, spec.description);
  return wire::put_bytes_field(out, field::kMetricUnit, ucum(spec.unit));
}

void add_string_attribute(protozero::pbf_writer& message,
                          protozero::pbf_tag_type tag,
                          const std::string& key,
                          const std::string& value) {
  protozero::pbf_writer pair(message, tag);
  pair.add_string(1, key);
  protozero::pbf_writer any(pair, 2);
  if (!is_list_attribute(key)) {
    any.add_string(1, value);
    return;
  }
  protozero::pbf_writer list(any, 5);
  protozero::pbf_writer item(list, 1);
  item.add_string(1, value);
}

}  // namespace

Resource::Resource(const std::map<std::string, std::string>& attributes,
                   std::string_view agent_version) {
  protozero::pbf_writer resource(resource_);
  for (const auto& [key, value] : attributes) {
    if (key.empty()) continue;
    const auto [it, added] = attributes_.emplace(valid_utf8(key), valid_utf8(value));
    if (added) add_string_attribute(resource, field::kResourceAttributes, it->first, it->second);
  }
  protozero::pbf_writer scope(scope_);
  scope.add_string(field::kScopeNameField, kScopeName.data(), kScopeName.size());
  scope.add_string(field::kScopeVersion, agent_version.data(), agent_version.size());
}

std::string encode_resource(std::span<const std::pair<std::string, std::string>> attributes) {
  std::string out;
  protozero::pbf_writer resource(out);
  for (const auto& [key, value] : attributes) {
    add_string_attribute(resource, field::kResourceAttributes, key, value);
  }
  return out;
}

std::size_t MetricsEncoder::measure_histogram(const LatestEntry& entry) {
  HistogramLengths lengths;
  lengths.point = entry.series->otlp_attributes().size() + times_length(entry);
  if (has_no_value(entry)) {
    lengths.point += kSmallFieldLength;
  } else {
    const auto view = entry.histogram->view();
    for (const auto count : view.buckets) lengths.counts += varint_length(count);
    if (lengths.counts != 0) {
      lengths.buckets = 1 + varint_length(wire::zigzag(view.offset)) + field_length(lengths.counts);
      lengths.point += field_length(lengths.buckets);
    }
    lengths.point += 3 * kFixed64FieldLength + kSmallFieldLength;
    if (view.zero_threshold != 0) lengths.point += kFixed64FieldLength;
  }
  histograms_.push_back(lengths);
  return lengths.point;
}

// Fills groups_ and histograms_ and returns the length of the metrics in a ScopeMetrics message.
std::size_t MetricsEncoder::measure(std::span<const LatestEntry* const> entries) {
  groups_.clear();
  histograms_.clear();
  std::size_t total = 0;
  for (auto next = entries.begin(); next != entries.end();) {
    const auto& spec = (*next)->series->spec();
    const bool histograms = spec.instrument == Instrument::kHistogram;
    Group group{.data_length = data_tail_length(spec.instrument)};
    for (; next != entries.end() && &(*next)->series->spec() == &spec; ++next, ++group.count) {
      group.data_length +=
          field_length(histograms ? measure_histogram(**next) : number_length(**next));
    }
    group.length = metric_head_length(spec) + field_length(group.data_length);
    total += field_length(group.length);
    groups_.push_back(group);
  }
  return total;
}

std::uint64_t MetricsEncoder::encode(const Resource& resource,
                                     std::span<const LatestEntry* const> entries,
                                     std::string& out) {
  return encode(resource.encoded_resource(), resource.encoded_scope(), entries, out);
}

std::uint64_t MetricsEncoder::encode(std::string_view resource,
                                     std::string_view scope,
                                     std::span<const LatestEntry* const> entries,
                                     std::string& out) {
  if (entries.empty()) return 0;
  const auto scope_metrics =
      field_length(scope.size()) + measure(entries) + field_length(kSchemaUrl.size());
  const auto resource_metrics =
      field_length(resource.size()) + field_length(scope_metrics) + field_length(kSchemaUrl.size());
  const auto before = out.size();
  out.resize(before + field_length(resource_metrics));

  char* at = out.data() + before;
  at = wire::put_length(at, field::kRequestResourceMetrics, resource_metrics);
  at = wire::put_bytes_field(at, field::kResourceMetricsResource, resource);
  at = wire::put_length(at, field::kResourceMetricsScopeMetrics, scope_metrics);
  at = wire::put_bytes_field(at, field::kScopeMetricsScope, scope);
  const auto* lengths = histograms_.data();
  auto rest = entries;
  for (const auto& group : groups_) {
    const auto& spec = rest.front()->series->spec();
    at = wire::put_length(at, field::kScopeMetricsMetrics, group.length);
    at = put_metric_head(at, spec);
    at = wire::put_length(at, data_field(spec.instrument), group.data_length);
    if (spec.instrument == Instrument::kHistogram) {
      for (const auto* entry : rest.first(group.count)) at = put_histogram(at, *entry, *lengths++);
    } else {
      const bool integral = is_integral(spec.unit);
      for (const auto* entry : rest.first(group.count)) at = put_number(at, *entry, integral);
    }
    at = put_data_tail(at, spec.instrument);
    rest = rest.subspan(group.count);
  }
  at = wire::put_bytes_field(at, field::kScopeMetricsSchemaUrl, kSchemaUrl);
  wire::put_bytes_field(at, field::kResourceMetricsSchemaUrl, kSchemaUrl);
  return entries.size();
}

}  // namespace plumbline
