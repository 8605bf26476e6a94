// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/downsample.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "agent/journal/otlp_points.h"

namespace plumbline {
namespace {

using otlp::MetricView;
using otlp::PointKind;
using otlp::PointView;

constexpr std::uint64_t kNoRecordedValue = 1;

struct Kept {
  std::string bytes;  // reused from window to window
  UnixNanos start = 0;
  double value = 0;
  std::uint64_t order = 0;  // of arrival; 0: none
};

struct SeriesState {
  std::string attributes;
  Kept least, greatest, last;
  std::vector<std::string> all;  // what is kept as it came, in order
};

struct MetricState {
  // Copies of what MetricView shows.
  std::string resource, resource_schema_url, scope, scope_schema_url, name, description, unit;
  PointKind kind = PointKind::kGauge;
  otlp::Temporality temporality = otlp::Temporality::kUnspecified;
  bool monotonic = false;

  std::vector<SeriesState> series;
  std::unordered_map<std::string_view, std::size_t> by_attributes;  // hash only on a miss
  std::size_t next = 0;  // where the next point will be if the order is that of the last request

  explicit MetricState(const MetricView& view)
      : resource(view.resource),
        resource_schema_url(view.resource_schema_url),
        scope(view.scope),
        scope_schema_url(view.scope_schema_url),
        name(view.name),
        description(view.description),
        unit(view.unit),
        kind(view.kind),
        temporality(view.temporality),
        monotonic(view.monotonic) {}

  bool same_place(const MetricState& other) const {
    return resource == other.resource && scope == other.scope &&
           resource_schema_url == other.resource_schema_url &&
           scope_schema_url == other.scope_schema_url;
  }

  bool is(const MetricView& view) const {
    return name == view.name && kind == view.kind && temporality == view.temporality &&
           monotonic == view.monotonic && unit == view.unit && resource == view.resource &&
           scope == view.scope && description == view.description &&
           resource_schema_url == view.resource_schema_url &&
           scope_schema_url == view.scope_schema_url;
  }

  SeriesState& series_of(std::string_view attributes) {
    if (next < series.size() && series[next].attributes == attributes) return series[next++];
    const auto found = by_attributes.find(attributes);
    if (found != by_attributes.end()) {
      next = found->second + 1;
      return series[found->second];
    }
    if (series.size() == series.capacity()) grow();
    series.push_back({.attributes = std::string(attributes)});
    by_attributes.emplace(series.back().attributes, series.size() - 1);
    next = series.size();
    return series.back();
  }

 private:
  // The map's keys are views of the attributes, which move with their series when they are short.
  void grow() {
    series.reserve(std::max<std::size_t>(16, 2 * series.capacity()));
    by_attributes.clear();
    for (std::size_t i = 0; i < series.size(); ++i) by_attributes.emplace(series[i].attributes, i);
  }
};

void keep(Kept& kept, const PointView& point, std::uint64_t order) {
  kept.bytes.assign(point.bytes);
  kept.start = point.start;
  kept.value = point.number();
  kept.order = order;
}

// The points of one series that stay, in order, each once.
std::vector<std::string_view> chosen(const SeriesState& series) {
  std::vector<std::string_view> points(series.all.begin(), series.all.end());
  std::vector<const Kept*> kept;
  for (const auto* one : {&series.least, &series.greatest, &series.last}) {
    if (one->order != 0) kept.push_back(one);
  }
  std::ranges::sort(kept, {}, &Kept::order);
  const auto same = std::ranges::unique(kept, {}, &Kept::order);
  kept.erase(same.begin(), same.end());
  for (const auto* one : kept) points.push_back(one->bytes);
  return points;
}

void add_text(protozero::pbf_writer& out, protozero::pbf_tag_type tag, std::string_view text) {
  if (!text.empty()) out.add_bytes(tag, text.data(), text.size());
}

// Writes the metric when it has points, and returns how many.
std::uint64_t put_metric(protozero::pbf_writer& scope, const MetricState& metric) {
  std::string data;
  protozero::pbf_writer points(data);
  std::uint64_t items = 0;
  for (const auto& series : metric.series) {
    for (const auto point : chosen(series)) {
      points.add_bytes(1, point.data(), point.size());
      ++items;
    }
  }
  if (items == 0) return 0;
  if (metric.temporality != otlp::Temporality::kUnspecified) {
    points.add_enum(2, static_cast<std::int32_t>(metric.temporality));
  }
  if (metric.monotonic) points.add_bool(3, true);
  protozero::pbf_writer out(scope, 2);
  add_text(out, 1, metric.name);
  add_text(out, 2, metric.description);
  add_text(out, 3, metric.unit);
  out.add_bytes(static_cast<protozero::pbf_tag_type>(metric.kind), data);
  return items;
}

}  // namespace

struct Downsampler::State {
  std::vector<std::unique_ptr<MetricState>> metrics;
  std::size_t next = 0;
  std::uint64_t order = 0;

  MetricState& metric_of(const MetricView& view) {
    if (next < metrics.size() && metrics[next]->is(view)) return *metrics[next++];
    const auto found =
        std::ranges::find_if(metrics, [&view](const auto& metric) { return metric->is(view); });
    next = static_cast<std::size_t>(found - metrics.begin()) + 1;
    if (found != metrics.end()) return **found;
    metrics.push_back(std::make_unique<MetricState>(view));
    return *metrics.back();
  }

  void take(MetricState& metric, const PointView& point) {
    auto& series = metric.series_of(point.attributes);
    ++order;
    const bool number = metric.kind == PointKind::kGauge || metric.kind == PointKind::kSum;
    const bool cumulative = metric.temporality == otlp::Temporality::kCumulative;
    if ((point.flags & kNoRecordedValue) != 0 || metric.kind == PointKind::kSummary ||
        (metric.kind != PointKind::kGauge && !cumulative)) {
      flush(series);
      series.all.emplace_back(point.bytes);
      return;
    }
    const bool counts = metric.monotonic || !number;
    if (counts && series.last.order != 0 && series.last.start != point.start) flush(series);
    keep(series.last, point, order);
    if (counts || std::isnan(point.number())) return;
    if (series.least.order == 0 || point.number() < series.least.value) {
      keep(series.least, point, order);
    }
    if (series.greatest.order == 0 || point.number() > series.greatest.value) {
      keep(series.greatest, point, order);
    }
  }

  // Ends a run of comparable points of a series: what was chosen so far stays.
  static void flush(SeriesState& series) {
    if (series.last.order == 0) return;
    const auto points = chosen(series);
    std::vector<std::string> all(points.begin(), points.end());
    series.all = std::move(all);
    series.least.order = series.greatest.order = series.last.order = 0;
  }
};

Downsampler::Downsampler() : state_(std::make_unique<State>()) {}
Downsampler::~Downsampler() = default;

Result<> Downsampler::add(std::string_view request) {
  state_->next = 0;
  for (const auto& metric : state_->metrics) metric->next = 0;
  return otlp::visit_metrics(request, [this](const MetricView& view) {
    auto& metric = state_->metric_of(view);
    otlp::visit_points(view,
                       [this, &metric](const PointView& point) { state_->take(metric, point); });
  });
}

Downsampler::Window Downsampler::finish() {
  Window window;
  auto& metrics = state_->metrics;
  protozero::pbf_writer top(window.request);
  for (std::size_t i = 0; i < metrics.size();) {
    const auto& first = *metrics[i];
    std::string scope_bytes;
    std::uint64_t items = 0;
    {
      protozero::pbf_writer scope(scope_bytes);
      scope.add_bytes(1, first.scope);
      for (; i < metrics.size() && metrics[i]->same_place(first); ++i) {
        items += put_metric(scope, *metrics[i]);
      }
      add_text(scope, 3, first.scope_schema_url);
    }
    if (items == 0) continue;
    window.items += items;
    protozero::pbf_writer resource(top, 1);
    resource.add_bytes(1, first.resource);
    resource.add_bytes(2, scope_bytes);
    add_text(resource, 3, first.resource_schema_url);
  }
  // Series come and go: what had no point in this window is forgotten.
  std::erase_if(metrics, [](auto& metric) {
    std::vector<SeriesState> alive;
    for (auto& series : metric->series) {
      if (series.last.order == 0 && series.all.empty()) continue;
      series.all.clear();
      series.least.order = series.greatest.order = series.last.order = 0;
      alive.push_back(std::move(series));
    }
    metric->series = std::move(alive);
    metric->by_attributes.clear();
    for (std::size_t i = 0; i < metric->series.size(); ++i) {
      metric->by_attributes.emplace(metric->series[i].attributes, i);
    }
    return metric->series.empty();
  });
  return window;
}

}  // namespace plumbline
