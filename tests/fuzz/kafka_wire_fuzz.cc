// SPDX-License-Identifier: Apache-2.0
//
// Answers of brokers: the first byte is the API, the second its version, the rest the answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/cluster.h"
#include "collectors/kafka/wire/fetch.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/metadata.h"
#include "collectors/kafka/wire/offsets.h"
#include "collectors/kafka/wire/sasl.h"
#include "collectors/kafka/wire/transactions.h"

namespace plumbline::kafka {
namespace {

template <class... Requests>
void decode(std::uint8_t key, std::uint8_t version, std::string_view frame) {
  const auto one = [&]<class Request>(const Request*) {
    const auto& known = api(Request::kKey);
    if (static_cast<std::uint8_t>(Request::kKey) != key) return;
    const auto used = std::clamp<std::int16_t>(version, known.min_version, known.max_version);
    Reader in(frame, known.encoding(used));
    if (Request::kKey != ApiKey::kApiVersions) in.tags();
    Request::read(in, used);
  };
  (one(static_cast<const Requests*>(nullptr)), ...);
}

}  // namespace
}  // namespace plumbline::kafka

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plumbline::kafka;
  if (size < 2) return 0;
  const std::string_view frame(reinterpret_cast<const char*>(data + 2), size - 2);
  decode<ApiVersionsRequest,
         MetadataRequest,
         ListGroupsRequest,
         DescribeGroupsRequest,
         ConsumerGroupDescribeRequest,
         ShareGroupDescribeRequest,
         StreamsGroupDescribeRequest,
         OffsetFetchRequest,
         ListOffsetsRequest,
         DescribeShareGroupOffsetsRequest,
         DescribeConfigsRequest,
         DescribeLogDirsRequest,
         ListPartitionReassignmentsRequest,
         DescribeProducersRequest,
         ListTransactionsRequest,
         DescribeTransactionsRequest,
         FetchRequest,
         SaslHandshakeRequest,
         SaslAuthenticateRequest>(data[0], data[1], frame);
  return 0;
}
