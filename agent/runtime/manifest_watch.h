// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/batch.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/manifest/agreement.h"
#include "agent/manifest/kinds.h"
#include "collectors/collector.h"

namespace plumbline {

// Holds what manifests say against what collectors found: they do not see one another, and their
// batches pass here. Lives on the agent thread.
class ManifestWatch {
 public:
  static const CollectorInfo& info();

  ManifestWatch(const Clock& clock, Log& log) : clock_(clock), log_(log), series_(0) {}

  // Takes the manifests below `folder`; empty: none. Error: kMalformed, with every problem; what
  // was loaded before stays.
  Result<> load(const std::string& folder);

  // Before the limit, which may fold series.
  void see(std::string_view collector, const Batch& batch);

  // What agrees and what does not; the first time and whenever that changes also as an event.
  void collect(Batch& out);

 private:
  void tell(const PlatformManifest& manifest, const FieldAgreement& agreement);

  const Clock& clock_;
  Log& log_;
  SeriesTable series_;
  std::vector<PlatformManifest> manifests_;
  std::vector<std::string> revisions_;                    // of them
  std::vector<std::vector<FieldAgreement>> agreements_;   // of them
  std::map<std::string, std::string, std::less<>> told_;  // sentences by manifest and field
  Batch events_;
};

// What a batch of the collector clickhouse tells.
LiveFacts clickhouse_facts(const Batch& batch);

}  // namespace plumbline
