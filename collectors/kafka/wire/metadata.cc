// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/metadata.h"

namespace plumbline::kafka {
namespace {

// Counted, not kept: only how many there are is of interest.
std::int32_t count_of_i32(Reader& in) {
  std::int32_t count = 0;
  in.each([&](Reader& item) {
    item.i32();
    ++count;
  });
  return count;
}

MetadataResponse::Broker read_broker(Reader& in) {
  MetadataResponse::Broker broker;
  broker.id = in.i32();
  broker.host = in.string();
  broker.port = in.i32();
  broker.rack = in.string();
  in.tags();
  return broker;
}

MetadataResponse::Partition read_partition(Reader& in, std::int16_t version) {
  MetadataResponse::Partition partition;
  partition.error = in.i16();
  partition.index = in.i32();
  partition.leader = in.i32();
  if (version >= 7) partition.leader_epoch = in.i32();
  partition.replicas = in.i32_array();
  partition.in_sync = count_of_i32(in);
  if (version >= 5) partition.offline = count_of_i32(in);
  in.tags();
  return partition;
}

MetadataResponse::Topic read_topic(Reader& in, std::int16_t version) {
  MetadataResponse::Topic topic;
  topic.error = in.i16();
  topic.name = in.string();
  if (version >= 10) topic.id = in.uuid();
  topic.internal = in.boolean();
  topic.partitions = in.array([&](Reader& item) { return read_partition(item, version); });
  if (version >= 8) in.i32();  // authorized operations
  in.tags();
  return topic;
}

}  // namespace

void ApiVersionsRequest::write(Writer& out, std::int16_t version) const {
  if (version < 3) return;
  out.string("plumbline");
  out.string("0.1");  // brokers only count it
  out.tags();
}

ApiVersionsResponse ApiVersionsRequest::read(Reader& in, std::int16_t version) {
  ApiVersionsResponse response;
  response.error = in.i16();
  if (response.error == broker_error::kUnsupportedVersion)
    return response;  // the rest is version 0
  response.apis = in.array([](Reader& item) {
    VersionRange range{};
    range.key = static_cast<ApiKey>(item.i16());
    range.min = item.i16();
    range.max = item.i16();
    item.tags();
    return range;
  });
  if (version >= 1) in.i32();  // throttle time
  in.tags();
  return response;
}

void MetadataRequest::write(Writer& out, std::int16_t version) const {
  out.null_array();
  if (version >= 4) out.boolean(false);  // do not create topics
  if (version >= 8 && version <= 10) out.boolean(false);
  if (version >= 8) out.boolean(false);
  out.tags();
}

MetadataResponse MetadataRequest::read(Reader& in, std::int16_t version) {
  MetadataResponse response;
  if (version >= 3) in.i32();  // throttle time
  response.brokers = in.array(read_broker);
  if (version >= 2) response.cluster_id = in.string();
  response.controller = in.i32();
  response.topics = in.array([&](Reader& item) { return read_topic(item, version); });
  if (version >= 8 && version <= 10) in.i32();  // authorized operations
  in.tags();
  return response;
}

}  // namespace plumbline::kafka
