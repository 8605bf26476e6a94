// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/pipeline/latest.h"

namespace plumbline {

// The schema that attribute and metric names follow.
inline constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.44.0";
inline constexpr std::string_view kScopeName = "plumbline";

// Who speaks: the resource of every request, encoded once.
class Resource {
 public:
  // `attributes`: semantic-convention keys with their values; keys are unique by construction. Text
  // that is not UTF-8 gets U+FFFD in its place.
  explicit Resource(const std::map<std::string, std::string>& attributes,
                    std::string_view agent_version);

  const std::map<std::string, std::string>& attributes() const { return attributes_; }
  // A Resource message (opentelemetry.proto.resource.v1) and an InstrumentationScope message.
  std::string_view encoded_resource() const { return resource_; }
  std::string_view encoded_scope() const { return scope_; }

 private:
  std::map<std::string, std::string> attributes_;
  std::string resource_;
  std::string scope_;
};

// A Resource message of attributes whose keys are unique.
std::string encode_resource(std::span<const std::pair<std::string, std::string>> attributes);

// The lengths inside one ExponentialHistogramDataPoint, known before it is written.
struct HistogramLengths {
  std::size_t counts = 0;   // packed bucket counts
  std::size_t buckets = 0;  // the Buckets message; 0 when there is none
  std::size_t point = 0;
};

// Writes ExportMetricsServiceRequest messages. In two passes: lengths bottom-up from the bytes each
// series has encoded once, then a copy of them; a known series costs a few nanoseconds and nothing
// is allocated once the output has grown to its size.
class MetricsEncoder {
 public:
  // Appends one request with every entry to `out` and returns its number of data points. Entries of
  // one metric stand together, as Latest::entries() has them. Writes nothing for no entries (an
  // empty envelope is never produced). Vanished entries become points with the NoRecordedValue
  // flag.
  std::uint64_t encode(const Resource& resource,
                       std::span<const LatestEntry* const> entries,
                       std::string& out);

  // The same for entries that are not the agent's own: `resource` is an encoded Resource message.
  std::uint64_t encode(std::string_view resource,
                       std::string_view scope,
                       std::span<const LatestEntry* const> entries,
                       std::string& out);

 private:
  // A run of entries of one metric and the lengths of its nested messages.
  struct Group {
    std::size_t count = 0;        // of entries
    std::size_t data_length = 0;  // of the Sum, Gauge or ExponentialHistogram message
    std::size_t length = 0;       // of the Metric message
  };

  std::size_t measure(std::span<const LatestEntry* const> entries);
  std::size_t measure_histogram(const LatestEntry& entry);

  std::vector<Group> groups_;
  std::vector<HistogramLengths> histograms_;  // in the order of the histogram entries
};

}  // namespace plumbline
