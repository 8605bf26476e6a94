// SPDX-License-Identifier: Apache-2.0
//
// What an objective is measured by: how many events there were and how many of them were bad.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/generate/promql.h"
#include "agent/manifest/checks.h"
#include "agent/manifest/exclusion.h"
#include "agent/manifest/kinds.h"

namespace plumbline {

// A series that the generated tests feed to the rules.
struct TestSeries {
  enum class Role : std::uint8_t {
    kAll,    // a counter of all events
    kBad,    // ... of the bad ones
    kGood,   // ... of the good ones
    kState,  // a gauge that is `good` or `bad`
  };
  std::string series;
  Role role{};
  std::string good;
  std::string bad;
};

struct Indicator {
  enum class Counting : std::uint8_t {
    kEvents,  // by counters: `bad` and `all` are expressions over $window
    kSlices,  // by gauges: each evaluation of the rule is one event, or one for each server
  };

  std::string slo;      // "user-events-ingestion-freshness"; no two objectives have one
  std::string subject;  // "records of user.events.v2 that waited longer than 5s", of the bad
  NamedObjective named;
  Counting counting{};
  std::string bad;
  std::string all;
  std::string present;  // has a value while the source is seen at all
  std::vector<TestSeries> test_series;
  std::vector<std::string> by;     // labels that every expression keeps
  std::uint64_t max_groups = 0;    // of their values
  std::vector<Exclusion> exclude;  // times that do not count
};

// One for each objective of the manifest that something measures.
std::vector<Indicator> indicators_of(const PlatformManifest& manifest);

// Which series are those of a cluster's servers, of a pipeline's group, of its topic.
std::vector<Matcher> servers_of(const ClickHouseCluster& cluster);
std::vector<Matcher> brokers_of(const KafkaCluster& cluster);
std::vector<Matcher> group_of(const DataPipeline& pipeline);
std::vector<Matcher> topic_of(const DataPipeline& pipeline, const std::string& topic);

// `matchers` and one more.
std::vector<Matcher> with(std::vector<Matcher> matchers, Matcher one);

}  // namespace plumbline
