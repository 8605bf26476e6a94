// SPDX-License-Identifier: Apache-2.0
//
// What a cluster consists of: brokers, topics, partitions with their leader and replicas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

// Which versions of which APIs a broker speaks; the first request on every connection. A broker
// that does not know our version of it answers in version 0 with UNSUPPORTED_VERSION.
struct ApiVersionsResponse {
  std::int16_t error = 0;
  std::vector<VersionRange> apis;
};

struct ApiVersionsRequest {
  using Response = ApiVersionsResponse;
  static constexpr auto kKey = ApiKey::kApiVersions;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct MetadataResponse {
  struct Broker {
    std::int32_t id = -1;
    std::string_view host;
    std::int32_t port = 0;
    std::string_view rack;
  };
  struct Partition {
    std::int16_t error = 0;
    std::int32_t index = 0;
    std::int32_t leader = -1;  // -1: none, the partition is offline
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replicas;  // the preferred leader first
    std::int32_t in_sync = 0;            // how many of them
    std::int32_t offline = 0;
  };
  struct Topic {
    std::int16_t error = 0;
    std::string_view name;
    Uuid id{};  // zero before version 10
    bool internal = false;
    std::vector<Partition> partitions;
  };

  std::vector<Broker> brokers;
  std::string_view cluster_id;
  std::int32_t controller = -1;
  std::vector<Topic> topics;
};

// Of all topics that the client may describe.
struct MetadataRequest {
  using Response = MetadataResponse;
  static constexpr auto kKey = ApiKey::kMetadata;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
