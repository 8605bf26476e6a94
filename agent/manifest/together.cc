// SPDX-License-Identifier: Apache-2.0
//
// What can only be wrong between manifests.
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/findings.h"
#include "agent/config/suggest.h"
#include "agent/config/value.h"
#include "agent/manifest/checks.h"

namespace plumbline {
namespace {

using ByName = std::map<std::string_view, const PlatformManifest*>;

class Together {
 public:
  Together(const std::vector<PlatformManifest>& manifests, std::vector<Problem>& problems)
      : manifests_(manifests), problems_(problems) {}

  void run() {
    for (const auto& manifest : manifests_) check_name(manifest);
    check_everywhere();
    for (const auto& manifest : manifests_) check_objectives(manifest);
    for (const auto& manifest : manifests_) check_needs(manifest);
    for (const auto& manifest : manifests_) {
      std::vector<std::string_view> path;
      find_cycle(manifest, path);
    }
  }

 private:
  Findings findings_of(const PlatformManifest& manifest) {
    return {"manifest", manifest.file, manifest.places, problems_};
  }

  void check_name(const PlatformManifest& manifest) {
    const auto& name = manifest.common().name;
    const auto [first, fresh] = by_name_.emplace(name, &manifest);
    if (fresh || name.empty()) return;
    const auto& place = first->second->places.at("manifest.metadata.name");
    findings_of(manifest).add("metadata.name",
                              fmt::format("{} is the name of another manifest too, {}:{}",
                                          in_quotes(name),
                                          first->second->file,
                                          place.at.line),
                              "a name for each");
  }

  // Two of a kind that are both made of all servers.
  void check_everywhere() {
    const PlatformManifest* clickhouse = nullptr;
    const PlatformManifest* kafka = nullptr;
    for (const auto& manifest : manifests_) {
      const auto* cluster = std::get_if<ClickHouseCluster>(&manifest.kind);
      if (cluster != nullptr && cluster->endpoints.empty()) {
        only_one(clickhouse, manifest, "server", "spec.endpoints", "spec.endpoints: [HOST:PORT]");
      }
      const auto* brokers = std::get_if<KafkaCluster>(&manifest.kind);
      if (brokers != nullptr && brokers->cluster.empty()) {
        only_one(kafka, manifest, "broker", "spec.cluster", "spec.cluster: NAME");
      }
    }
  }

  void only_one(const PlatformManifest*& first,
                const PlatformManifest& manifest,
                std::string_view what,
                std::string_view key,
                std::string_view expected) {
    if (first != nullptr) {
      findings_of(manifest).add("",
                                fmt::format("{} and {} would both be made of every {}: neither "
                                            "has {}",
                                            in_quotes(manifest.common().name),
                                            in_quotes(first->common().name),
                                            what,
                                            key),
                                fmt::format("{} in each", expected));
    }
    first = &manifest;
  }

  // Rules, alerts and files are named by manifest and objective: "a-b" has "c" and "a" has "b-c".
  void check_objectives(const PlatformManifest& manifest) {
    // The file of its limits is named so.
    objectives_.emplace(fmt::format("{}-limits", manifest.common().name), nullptr);
    for (const auto& named : objectives_of(manifest)) {
      const auto whole = fmt::format("{}-{}", manifest.common().name, named.name);
      const auto [first, fresh] = objectives_.emplace(whole, &manifest);
      if (fresh) continue;
      // Two manifests of one name were told already.
      const auto* other = first->second;
      if (other != nullptr && other != &manifest &&
          other->common().name == manifest.common().name) {
        continue;
      }
      findings_of(manifest).add(
          named.key, fmt::format("the name {} is taken", in_quotes(whole)), "another name");
    }
  }

  void check_needs(const PlatformManifest& manifest) {
    for (const auto& name : manifest.common().depends_on) {
      if (by_name_.contains(name) || problems_.size() >= kMaxProblems) continue;
      std::vector<std::string> known;
      for (const auto& [other, unused] : by_name_) known.emplace_back(other);
      findings_of(manifest).add("spec.dependsOn",
                                fmt::format("there is no manifest {}", in_quotes(name)),
                                "the name of a manifest",
                                closest(name, known));
    }
  }

  // Walks what is needed in depth; each manifest once.
  void find_cycle(const PlatformManifest& manifest, std::vector<std::string_view>& path) {
    constexpr std::size_t kDeepest = 1'000;
    const std::string_view name = manifest.common().name;
    if (done_.contains(name) || path.size() > kDeepest) return;
    path.push_back(name);
    open_.insert(name);
    for (const auto& needed : manifest.common().depends_on) {
      const auto next = by_name_.find(needed);
      if (next == by_name_.end()) continue;
      if (open_.contains(needed)) {
        tell_cycle(manifest, path, needed);
      } else {
        find_cycle(*next->second, path);
      }
    }
    open_.erase(name);
    done_.insert(name);
    path.pop_back();
  }

  void tell_cycle(const PlatformManifest& manifest,
                  const std::vector<std::string_view>& path,
                  std::string_view back_to) {
    std::vector<std::string_view> cycle;
    for (const auto name : path) {
      if (!cycle.empty() || name == back_to) cycle.push_back(name);
    }
    cycle.push_back(back_to);
    findings_of(manifest).add("spec.dependsOn",
                              fmt::format("a cycle: {}", fmt::join(cycle, " needs ")),
                              "what is needed needs nothing of this");
  }

  const std::vector<PlatformManifest>& manifests_;
  std::vector<Problem>& problems_;
  ByName by_name_;
  std::map<std::string, const PlatformManifest*, std::less<>> objectives_;
  std::set<std::string_view> open_;
  std::set<std::string_view> done_;
};

}  // namespace

void check_together(const std::vector<PlatformManifest>& manifests,
                    std::vector<Problem>& problems) {
  Together(manifests, problems).run();
}

}  // namespace plumbline
