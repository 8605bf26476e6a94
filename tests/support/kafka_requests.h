// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collectors/kafka/wire/cluster.h"
#include "collectors/kafka/wire/fetch.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/metadata.h"
#include "collectors/kafka/wire/offsets.h"
#include "collectors/kafka/wire/sasl.h"
#include "collectors/kafka/wire/transactions.h"

namespace plumbline::kafka {

template <class... Requests>
struct RequestList {
  // Calls `check.template operator()<Request>()` for each.
  template <class Check>
  static void each(Check check) {
    (check.template operator()<Requests>(), ...);
  }
};

// All that the client can send.
using AllRequests = RequestList<ApiVersionsRequest,
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
                                SaslAuthenticateRequest>;

}  // namespace plumbline::kafka
