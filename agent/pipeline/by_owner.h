// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/core/attribute.h"
#include "agent/identity/identity.h"
#include "agent/pipeline/latest.h"

namespace plumbline {

// The entries of one resource, in the order in which they were given.
struct OwnedEntries {
  OwnerRef owner;  // nullptr: the node's own
  std::span<const LatestEntry* const> entries;
};

// Tells entries apart by whose they are, which the group they were measured of says
// (linux.cgroup.path); OTLP wants one resource for each container, and one for all that the
// cardinality limit folded. Agent thread only.
class ByOwner {
 public:
  explicit ByOwner(Identity& identity) : identity_(identity) {}

  // nullptr: the node's own. Good until the next call.
  const OwnerRef& owner(const Series& series);

  // The node's own first, then owners in the order of their first entry. Good until the next call.
  std::span<const OwnedEntries> split(std::span<const LatestEntry* const> entries);

 private:
  Identity& identity_;
  std::unordered_map<const Owner*, std::uint32_t> numbers_;
  std::vector<std::uint32_t> number_of_;  // of each entry
  std::vector<const LatestEntry*> sorted_;
  std::vector<OwnedEntries> groups_;
};

// The Resource message of each owner, encoded once: what the agent's own resource says of the
// machine, and what the owner adds. Those not asked for between two sweeps are forgotten.
class OwnerResources {
 public:
  // `base`: the agent's resource; its service.* and telemetry.* are the agent's alone.
  void set_base(const std::map<std::string, std::string>& base);

  std::string_view encoded(const OwnerRef& owner);
  // Of a server somewhere: what the base says of the machine is not said of it.
  std::string_view encoded(const EntityRef& entity);
  void sweep();

 private:
  struct Known {
    std::shared_ptr<const void> owner;  // keeps the address from being used again
    std::string bytes;
    std::uint64_t used = 0;
  };

  using Attributes = std::vector<std::pair<std::string, std::string>>;
  static std::string merged(Attributes own, const Attributes& base);
  Known& find(std::shared_ptr<const void> owner);

  Attributes base_;
  Attributes elsewhere_;  // those of base_ that hold on other machines too
  std::unordered_map<const void*, Known> known_;
  std::uint64_t sweeps_ = 0;
};

}  // namespace plumbline
