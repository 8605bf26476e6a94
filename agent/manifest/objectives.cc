// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/manifest/checks.h"
#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

using std::chrono::hours;

constexpr std::string_view kNoGpus = "nothing measures GPUs yet";
constexpr std::string_view kNoModels = "nothing measures model servers yet";
constexpr std::string_view kNoRequests =
    "nothing measures requests yet; spec.slos takes queries of whatever does";

// A month is taken for 30 days and a quarter for 91 where it is asked how fast a budget burns; what
// is left of it counts from the month's first second.
hours period_of(const SloSpec& slo) {
  constexpr hours kMonth{30 * 24};
  constexpr hours kQuarter{91 * 24};
  switch (slo.calendar) {
    case Calendar::kMonth:
      return kMonth;
    case Calendar::kQuarter:
      return kQuarter;
    case Calendar::kRolling:
      break;
  }
  return std::chrono::duration_cast<hours>(slo.window);
}

class Objectives {
 public:
  explicit Objectives(const ManifestCommon& common) : common_(common) {}

  void operator()(const ClickHouseCluster& cluster) {
    add("availability", "availability", cluster.availability_target);
    add("queries", "queries", cluster.queries_target);
    add("latency", "latency", cluster.latency_target);
  }
  void operator()(const DataPipeline& pipeline) {
    add("freshness", "freshness", pipeline.freshness_target);
    add("completeness", "completeness", pipeline.completeness_target);
  }
  void operator()(const KafkaCluster& cluster) {
    add("availability", "availability", cluster.availability_target);
  }
  void operator()(const GpuPool& pool) {
    add("availability", "availability", pool.availability_target, kNoGpus);
  }
  void operator()(const ModelService& service) {
    add("availability", "availability", service.availability_target, kNoModels);
    add("first-token", "firstToken", service.latency_target, kNoModels);
  }
  void operator()(const Service& service) {
    // With queries, those are what is promised.
    if (!common_.slos.empty()) return;
    add("availability", "availability", service.availability_target, kNoRequests);
    add("latency", "latency", service.latency_target, kNoRequests);
  }

  std::vector<NamedObjective> take() {
    for (std::size_t i = 0; i < common_.slos.size(); ++i) {
      const auto& slo = common_.slos[i];
      out_.push_back({.name = slo.name,
                      .key = fmt::format("{}[{}].target", kSlosKey, i),
                      .objective = {.target_ppm = slo.target, .period = period_of(slo)},
                      .spec = &slo});
    }
    return std::move(out_);
  }

 private:
  void add(std::string_view name,
           std::string_view section,
           std::uint64_t target_ppm,
           std::string_view blind = {}) {
    out_.push_back({.name = std::string(name),
                    .key = fmt::format("spec.objectives.{}.target", section),
                    .objective = {.target_ppm = target_ppm,
                                  .period = std::chrono::duration_cast<hours>(common_.window)},
                    .blind = blind});
  }

  const ManifestCommon& common_;
  std::vector<NamedObjective> out_;
};

}  // namespace

std::vector<NamedObjective> objectives_of(const PlatformManifest& manifest) {
  Objectives objectives(manifest.common());
  std::visit(objectives, manifest.kind);
  return objectives.take();
}

}  // namespace plumbline
