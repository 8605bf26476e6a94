// SPDX-License-Identifier: Apache-2.0
#include "exporters/prometheus/snapshot_collectable.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <prometheus/text_serializer.h>

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

MetricType type_of(Instrument instrument) {
  switch (instrument) {
    case Instrument::kCounter:
      return MetricType::Counter;
    case Instrument::kHistogram:
      return MetricType::Histogram;
    case Instrument::kUpDownCounter:
    case Instrument::kGauge:
      return MetricType::Gauge;
  }
  return MetricType::Untyped;
}

ClientMetric::Histogram classic(const HistogramView& histogram, Unit unit) {
  ClientMetric::Histogram out;
  out.sample_count = histogram.count;
  out.sample_sum = histogram.sum;
  const auto range = bounds_of(unit);
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

ClientMetric client_metric(const LatestEntry& entry) {
  const auto& spec = entry.series->spec();
  ClientMetric metric;
  for (const auto& [key, value] : entry.series->attributes()) {
    metric.label.push_back({.name = prometheus_label(key), .value = value});
  }
  const double value =
      is_integral(spec.unit) ? static_cast<double>(entry.value.integer) : entry.value.real;
  switch (type_of(spec.instrument)) {
    case MetricType::Counter:
      metric.counter.value = value;
      break;
    case MetricType::Histogram:
      metric.histogram = classic(entry.histogram.view(), spec.unit);
      break;
    default:
      metric.gauge.value = value;
  }
  return metric;
}

}  // namespace

std::vector<MetricFamily> SnapshotCollectable::Collect() const {
  std::vector<MetricFamily> families{target_info()};
  const MetricSpec* spec = nullptr;  // of the last family: entries of one metric stand together
  for (const auto* entry : latest_.entries()) {
    if (entry->vanished) continue;
    if (&entry->series->spec() != spec) {
      spec = &entry->series->spec();
      families.push_back({.name = prometheus_name(*spec),
                          .help = std::string(spec->description),
                          .type = type_of(spec->instrument)});
    }
    families.back().metric.push_back(client_metric(*entry));
  }
  drop_conflicts(families);
  return families;
}

MetricFamily SnapshotCollectable::target_info() const {
  ClientMetric metric;
  metric.gauge.value = 1;
  for (const auto& [key, value] : resource_.attributes()) {
    metric.label.push_back({.name = prometheus_label(key), .value = value});
  }
  return {.name = "target_info",
          .help = "The resource that all metrics here belong to",
          .type = MetricType::Gauge,
          .metric = {std::move(metric)}};
}

// Families of one name are merged when they agree, and all left out when they do not.
void SnapshotCollectable::drop_conflicts(std::vector<MetricFamily>& families) const {
  std::unordered_map<std::string, std::size_t> first;
  std::set<std::string> conflicting;
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto [known, fresh] = first.emplace(families[i].name, i);
    if (fresh) continue;
    auto& kept = families[known->second];
    if (kept.type != families[i].type) {
      conflicting.insert(kept.name);
      continue;
    }
    auto& more = families[i].metric;
    kept.metric.insert(kept.metric.end(),
                       std::make_move_iterator(more.begin()),
                       std::make_move_iterator(more.end()));
    more.clear();
  }
  for (const auto& name : conflicting) {
    if (!conflicts_.insert(name).second) continue;
    log_.warning("prometheus", "{} is left out: metrics of two types have this name", name);
  }
  std::erase_if(families, [&](const MetricFamily& family) {
    return family.metric.empty() || conflicting.contains(family.name);
  });
}

std::string render_prometheus(const prometheus::Collectable& source) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, source.Collect());
  return std::move(out).str();
}

}  // namespace plumbline
