// SPDX-License-Identifier: Apache-2.0
#include "exporters/prometheus/snapshot_collectable.h"

#include <cmath>
#include <sstream>
#include <utility>

#include <prometheus/text_serializer.h>

#include "agent/pipeline/cumulative.h"

namespace plumbline {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Bounds are 2^first to 2^last. Times from 1 µs to 128 s; everything else from 1 to 2^40.
struct BoundRange {
  int first;
  int last;
};

BoundRange bounds_of(Unit unit) {
  return unit == Unit::kSeconds ? BoundRange{-20, 7} : BoundRange{0, 40};
}

// Prometheus keeps "_sum" for histograms, yet gauges of the Collector and of other Kafka exporters
// end so ("kafka_consumer_group_lag_sum"): their names stay, without a type.
MetricType type_of(const MetricSpec& spec) {
  switch (spec.instrument) {
    case Instrument::kCounter:
      return MetricType::Counter;
    case Instrument::kHistogram:
      return MetricType::Histogram;
    case Instrument::kUpDownCounter:
    case Instrument::kGauge:
      return prometheus_name(spec).ends_with("_sum") ? MetricType::Untyped : MetricType::Gauge;
  }
  return MetricType::Untyped;
}

ClientMetric::Histogram classic(const HistogramView& histogram, Unit unit) {
  ClientMetric::Histogram out;
  out.sample_count = histogram.count;
  out.sample_sum = histogram.sum;
  const auto range = bounds_of(unit);
  out.bucket.reserve(static_cast<std::size_t>(range.last - range.first) + 1);
  std::uint64_t below = histogram.zero_count;
  std::size_t next = 0;
  for (int power = range.first; power <= range.last; ++power) {
    const int last_index = power * kBucketsPerDoubling - 1;  // the bucket that ends at 2^power
    while (next < histogram.buckets.size() &&
           histogram.offset + static_cast<int>(next) <= last_index) {
      below += histogram.buckets[next++];
    }
    out.bucket.push_back({.cumulative_count = below, .upper_bound = std::ldexp(1.0, power)});
  }
  return out;
}

// Two keys that become one label have their values joined (OpenTelemetry specification, "Metric
// Attributes"): a label given twice would make the whole page invalid.
void add_label(ClientMetric& metric, std::string_view key, std::string_view value) {
  auto name = prometheus_label(key);
  for (auto& label : metric.label) {
    if (label.name != name) continue;
    label.value.append(";").append(value);
    return;
  }
  metric.label.push_back({.name = std::move(name), .value = std::string(value)});
}

}  // namespace

std::vector<MetricFamily> SnapshotCollectable::Collect() const {
  std::vector<MetricFamily> all;
  for_each_family([&](MetricFamily family) { all.push_back(std::move(family)); });
  return all;
}

void SnapshotCollectable::for_each_family(const std::function<void(MetricFamily)>& visit) const {
  visit(target_info());
  for (const auto& [name, family] : families()) {
    if (family.conflicting) {
      if (!warned_.insert(name).second) continue;
      log_.warning("prometheus", "{} is left out: metrics of two types have this name", name);
      continue;
    }
    MetricFamily out{.name = name,
                     .help = std::string(family.spec->description),
                     .type = type_of(*family.spec),
                     .metric = {}};
    out.metric.reserve(family.entries.size());
    for (const auto* entry : family.entries) out.metric.push_back(client_metric(*entry));
    visit(std::move(out));
  }
}

ClientMetric SnapshotCollectable::client_metric(const LatestEntry& entry) const {
  const auto& spec = entry.series->spec();
  ClientMetric metric;
  for (const auto& [key, value] : entry.series->attributes()) add_label(metric, key, value);
  if (owners_ != nullptr) {
    if (const auto& owner = owners_->owner(*entry.series)) {
      for (const auto& [key, value] : owner->attributes) {
        if (is_page_label(key)) add_label(metric, key, value);
      }
    }
  }
  const double value = as_real(spec, entry.value);
  switch (spec.instrument) {
    case Instrument::kCounter:
      metric.counter.value = value;
      break;
    case Instrument::kHistogram:
      metric.histogram = classic(entry.histogram->view(), spec.unit);
      break;
    case Instrument::kUpDownCounter:
    case Instrument::kGauge:
      metric.gauge.value = value;
      metric.untyped.value = value;
  }
  return metric;
}

MetricFamily SnapshotCollectable::target_info() const {
  ClientMetric metric;
  metric.gauge.value = 1;
  for (const auto& [key, value] : resource_.attributes()) add_label(metric, key, value);
  return {.name = "target_info",
          .help = "The resource that all metrics here belong to.",
          .type = MetricType::Gauge,
          .metric = {std::move(metric)}};
}

std::map<std::string, SnapshotCollectable::Family> SnapshotCollectable::families() const {
  std::map<std::string, Family> result;
  Family* family = nullptr;
  const MetricSpec* spec = nullptr;  // of the last entry: those of one metric stand together
  for (const auto* entry : latest_.entries()) {
    if (entry->vanished) continue;
    if (&entry->series->spec() != spec) {
      spec = &entry->series->spec();
      family = &result[prometheus_name(*spec)];
      if (family->spec == nullptr) family->spec = spec;
      if (type_of(*family->spec) != type_of(*spec)) {
        family->conflicting = true;
      }
    }
    family->entries.push_back(entry);
  }
  return result;
}

std::string render_prometheus(const SnapshotCollectable& source) {
  const prometheus::TextSerializer serializer;
  std::ostringstream out;
  source.for_each_family([&](MetricFamily family) {
    const std::vector<MetricFamily> one{std::move(family)};
    serializer.Serialize(out, one);
  });
  return std::move(out).str();
}

}  // namespace plumbline
