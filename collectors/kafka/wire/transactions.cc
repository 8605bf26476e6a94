// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/transactions.h"

#include <array>

namespace plumbline::kafka {

void ListTransactionsRequest::write(Writer& out, std::int16_t /*version*/) const {
  constexpr std::array<std::string_view, 3> kStates{"Ongoing", "PrepareCommit", "PrepareAbort"};
  out.array(kStates, [&](std::string_view state) { out.string(state); });
  out.array_size(0);  // of any producer
  out.tags();
}

ListTransactionsResponse ListTransactionsRequest::read(Reader& in, std::int16_t /*version*/) {
  ListTransactionsResponse response;
  in.i32();  // throttle time
  response.error = in.i16();
  in.each([](Reader& state) { state.string(); });  // states it does not know
  response.transactions = in.array([](Reader& item) {
    ListTransactionsResponse::Transaction transaction;
    transaction.id = item.string();
    transaction.producer = item.i64();
    transaction.state = item.string();
    item.tags();
    return transaction;
  });
  in.tags();
  return response;
}

void DescribeTransactionsRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.strings(ids);
  out.tags();
}

DescribeTransactionsResponse DescribeTransactionsRequest::read(Reader& in,
                                                               std::int16_t /*version*/) {
  DescribeTransactionsResponse response;
  in.i32();  // throttle time
  response.transactions = in.array([](Reader& item) {
    DescribeTransactionsResponse::Transaction transaction;
    transaction.error = item.i16();
    transaction.id = item.string();
    transaction.state = item.string();
    transaction.timeout_ms = item.i32();
    transaction.start_ms = item.i64();
    transaction.producer = item.i64();
    item.i16();  // the producer's epoch
    transaction.topics = item.array([](Reader& inner) {
      TopicPartitions topic;
      topic.topic = inner.string();
      topic.partitions = inner.i32_array();
      inner.tags();
      return topic;
    });
    item.tags();
    return transaction;
  });
  in.tags();
  return response;
}

}  // namespace plumbline::kafka
