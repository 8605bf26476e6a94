// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/manifest_watch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "agent/manifest/fields.h"
#include "agent/manifest/read.h"
#include "agent/manifest/revision.h"
#include "agent/manifest/signals.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline {
namespace {

// Keys of tables are cut there; what is longer may be anything.
constexpr std::size_t kWholeKey = 199;

std::string_view text_of(const Series& series, std::string_view key) {
  for (const auto& [name, value] : series.attributes()) {
    if (name == key) return value;
  }
  return {};
}

std::string server_of(const Series& series) {
  return fmt::format("{}:{}", text_of(series, "server.address"), text_of(series, "server.port"));
}

double value_of(const Point& point) {
  return is_integral(point.series->spec().unit) ? static_cast<double>(point.value.integer)
                                                : point.value.real;
}

class Facts {
 public:
  void add(const Point& point) {
    const auto& spec = point.series->spec().name;
    const auto& series = *point.series;
    const auto value = value_of(point);
    if (spec == clickhouse::kTableDefinition.name) {
      auto& live = table(series);
      live.partition_key = text_of(series, "plumbline.clickhouse.partition_key");
      live.order_key = text_of(series, "plumbline.clickhouse.sorting_key");
    } else if (spec == clickhouse::kTableTtl.name) {
      table(series).has_ttl = value > 0;
    } else if (spec == clickhouse::kTableRetention.name) {
      table(series).kept_seconds = value;
    } else if (spec == clickhouse::kClusterShards.name) {
      cluster(series).shards = static_cast<std::uint64_t>(value);
    } else if (spec == clickhouse::kClusterReplicas.name) {
      cluster(series).replicas = static_cast<std::uint64_t>(value);
    } else if (spec == clickhouse::kMemoryLimit.name) {
      facts_.memory_bytes[server_of(series)] = value;
    }
  }

  LiveFacts take() {
    for (auto& [key, table] : tables_) {
      if (std::max(table.partition_key.size(), table.order_key.size()) > kWholeKey) continue;
      facts_.tables.push_back(std::move(table));
    }
    for (auto& [key, cluster] : clusters_) facts_.clusters.push_back(std::move(cluster));
    return std::move(facts_);
  }

 private:
  using Key = std::pair<std::string, std::string>;  // server and name

  LiveTable& table(const Series& series) {
    auto name = fmt::format(
        "{}.{}", text_of(series, "db.namespace"), text_of(series, "db.collection.name"));
    auto& live = tables_[Key{server_of(series), name}];
    live.server = server_of(series);
    live.name = std::move(name);
    return live;
  }
  LiveCluster& cluster(const Series& series) {
    const std::string name(text_of(series, "plumbline.clickhouse.cluster.name"));
    auto& live = clusters_[Key{server_of(series), name}];
    live.server = server_of(series);
    live.name = name;
    return live;
  }

  std::map<Key, LiveTable> tables_;
  std::map<Key, LiveCluster> clusters_;
  LiveFacts facts_;
};

}  // namespace

LiveFacts clickhouse_facts(const Batch& batch) {
  Facts facts;
  for (const auto& point : batch.points()) facts.add(point);
  return facts.take();
}

const CollectorInfo& ManifestWatch::info() {
  static constexpr CollectorInfo kInfo{
      .name = "manifests",
      .description = "manifests: whether what they say is what is there",
      .period = std::chrono::seconds(1),
      .lane = Lane::kKernel,
      .metrics = manifests::kMetrics};
  return kInfo;
}

Result<> ManifestWatch::load(const std::string& folder) {
  LoadedManifests loaded;
  if (!folder.empty()) loaded = load_manifests({folder});
  if (has_errors(loaded.problems)) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("the manifests cannot be used:\n{}", render(loaded.problems))};
  }
  manifests_ = std::move(loaded.manifests);
  agreements_.assign(manifests_.size(), {});
  told_.clear();
  revisions_.clear();
  for (const auto& manifest : manifests_) {
    revisions_.push_back(revision_of(manifest));
    log_.info("manifests",
              "{} {}, revision {}",
              kind_of(manifest),
              manifest.common().name,
              revisions_.back());
  }
  return {};
}

void ManifestWatch::see(std::string_view collector, const Batch& batch) {
  if (manifests_.empty() || collector != clickhouse::kInfo.name) return;
  const auto facts = clickhouse_facts(batch);
  for (std::size_t i = 0; i < manifests_.size(); ++i) {
    agreements_[i] = agreements_of(manifests_[i], facts);
    for (const auto& agreement : agreements_[i]) tell(manifests_[i], agreement);
  }
}

void ManifestWatch::tell(const PlatformManifest& manifest, const FieldAgreement& agreement) {
  const auto& name = manifest.common().name;
  auto& told = told_[fmt::format("{}\n{}", name, agreement.field)];
  if (told == agreement.sentence) return;
  told = agreement.sentence;
  if (agreement.agrees) {
    log_.info("manifests", "{}: {} is what is there again", name, agreement.field);
    return;
  }
  log_.warning("manifests", "{}: {} disagrees: {}", name, agreement.field, agreement.sentence);
  events_.add(Event{.name = "plumbline.manifest.disagreement",
                    .time = clock_.wall(),
                    .observed = clock_.wall(),
                    .severity = EventSeverity::kWarning,
                    .body = fmt::format("{}: {}: {}", name, agreement.field, agreement.sentence),
                    .attributes = {{"plumbline.manifest.name", name},
                                   {"plumbline.manifest.field", std::string(agreement.field)}}});
}

void ManifestWatch::collect(Batch& out) {
  for (std::size_t i = 0; i < manifests_.size(); ++i) {
    const std::string_view name = manifests_[i].common().name;
    const auto kind = kind_of(manifests_[i]);
    out.add(series_.get(manifests::kLoaded, {name, kind, std::string_view(revisions_[i])}), 1);
    for (const auto& agreement : agreements_[i]) {
      out.add(series_.get(manifests::kAgreement, {name, kind, agreement.field}),
              agreement.agrees ? 1 : 0);
    }
  }
  out.move_records(events_);
  series_.sweep();
}

}  // namespace plumbline
