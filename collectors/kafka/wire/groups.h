// SPDX-License-Identifier: Apache-2.0
//
// Groups: which there are, in which state, with which members. Four kinds share the listing and are
// described by an API each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

// A broker lists the groups that it coordinates.
struct ListGroupsResponse {
  struct Group {
    std::string_view id;
    std::string_view protocol_type;  // "consumer", "connect", "share"; empty: only offsets
    std::string_view state;          // "Stable"; empty before version 4
    std::string_view type;           // "classic", "consumer", "share", "streams"; before 5 empty
  };
  std::int16_t error = 0;
  std::vector<Group> groups;
};

struct ListGroupsRequest {
  using Response = ListGroupsResponse;
  static constexpr auto kKey = ApiKey::kListGroups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// What all kinds of groups have in common, once described.
struct DescribedGroups {
  struct Assigned {
    std::string_view topic;
    std::vector<std::int32_t> partitions;
  };
  struct Member {
    std::string_view id;
    std::string_view client_id;
    std::string_view host;
    std::int32_t epoch = -1;  // of KIP-848 and share groups
    std::vector<Assigned> assigned;
  };
  struct Group {
    std::int16_t error = 0;
    std::string_view id;
    std::string_view state;
    std::string_view assignor;           // "range", "uniform": how partitions are handed out
    std::int32_t epoch = -1;             // counts changes of membership and subscription
    std::int32_t assignment_epoch = -1;  // lags behind it while members are being reconciled
    std::vector<Member> members;
  };
  std::vector<Group> groups;
};

struct DescribeGroupsRequest {
  using Response = DescribedGroups;
  static constexpr auto kKey = ApiKey::kDescribeGroups;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// KIP-848.
struct ConsumerGroupDescribeRequest {
  using Response = DescribedGroups;
  static constexpr auto kKey = ApiKey::kConsumerGroupDescribe;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// KIP-932.
struct ShareGroupDescribeRequest {
  using Response = DescribedGroups;
  static constexpr auto kKey = ApiKey::kShareGroupDescribe;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// KIP-1071. What a member has are tasks: an Assigned names their subtopology in the place of a
// topic.
struct StreamsGroupDescribeRequest {
  using Response = DescribedGroups;
  static constexpr auto kKey = ApiKey::kStreamsGroupDescribe;
  std::span<const std::string> groups;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

// The partitions in the assignment of a member of a classic consumer group, which the group's
// clients write and the broker only passes on; `bytes` are a part of the frame. Empty when it makes
// no sense.
std::vector<DescribedGroups::Assigned> read_classic_assignment(Reader& frame,
                                                               std::string_view bytes);

}  // namespace plumbline::kafka
