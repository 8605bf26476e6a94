// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/cluster.h"

namespace plumbline::kafka {
namespace {

constexpr std::int8_t kTopicResource = 2;

DescribeConfigsResponse::Setting read_setting(Reader& in, std::int16_t version) {
  DescribeConfigsResponse::Setting setting;
  setting.name = in.string();
  setting.value = in.nullable_string();
  in.boolean();  // read-only
  in.i8();       // where it was set
  in.boolean();  // sensitive
  in.each([](Reader& synonym) {
    synonym.string();
    synonym.nullable_string();
    synonym.i8();
    synonym.tags();
  });
  if (version >= 3) {
    in.i8();               // type
    in.nullable_string();  // documentation
  }
  in.tags();
  return setting;
}

// Modulo 2^64: a broker may answer any numbers.
std::int64_t read_partition_sizes(Reader& in) {
  std::uint64_t bytes = 0;
  in.each([&](Reader& topic) {
    topic.string();
    topic.each([&](Reader& partition) {
      partition.i32();
      bytes += static_cast<std::uint64_t>(partition.i64());
      partition.i64();      // how far it is behind
      partition.boolean();  // being moved here
      partition.tags();
    });
    topic.tags();
  });
  return static_cast<std::int64_t>(bytes);
}

DescribeProducersResponse::Producer read_producer(Reader& in) {
  DescribeProducersResponse::Producer producer;
  producer.id = in.i64();
  in.i32();  // its epoch
  in.i32();  // its last sequence number
  producer.last_time = in.i64();
  in.i32();  // epoch of its coordinator
  producer.transaction_start = in.i64();
  in.tags();
  return producer;
}

}  // namespace

void DescribeConfigsRequest::write(Writer& out, std::int16_t version) const {
  out.array(topics, [&](const std::string& topic) {
    out.i8(kTopicResource);
    out.string(topic);
    if (settings.empty()) {
      out.null_array();
    } else {
      out.strings(settings);
    }
    out.tags();
  });
  out.boolean(false);                    // without synonyms
  if (version >= 3) out.boolean(false);  // without documentation
  out.tags();
}

DescribeConfigsResponse DescribeConfigsRequest::read(Reader& in, std::int16_t version) {
  DescribeConfigsResponse response;
  in.i32();  // throttle time
  response.resources = in.array([&](Reader& item) {
    DescribeConfigsResponse::Resource resource;
    resource.error = item.i16();
    item.nullable_string();  // error message
    item.i8();               // type
    resource.name = item.string();
    resource.settings = item.array([&](Reader& inner) { return read_setting(inner, version); });
    item.tags();
    return resource;
  });
  in.tags();
  return response;
}

void DescribeLogDirsRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.null_array();
  out.tags();
}

DescribeLogDirsResponse DescribeLogDirsRequest::read(Reader& in, std::int16_t version) {
  DescribeLogDirsResponse response;
  in.i32();  // throttle time
  if (version >= 3) response.error = in.i16();
  response.directories = in.array([&](Reader& item) {
    DescribeLogDirsResponse::Directory directory;
    directory.error = item.i16();
    directory.path = item.string();
    directory.log_bytes = read_partition_sizes(item);
    if (version >= 4) {
      directory.total_bytes = item.i64();
      directory.free_bytes = item.i64();
    }
    item.tags();
    return directory;
  });
  in.tags();
  return response;
}

void ListPartitionReassignmentsRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.i32(10'000);   // ms the broker may take
  out.null_array();  // all topics
  out.tags();
}

ListReassignmentsResponse ListPartitionReassignmentsRequest::read(Reader& in,
                                                                  std::int16_t /*version*/) {
  ListReassignmentsResponse response;
  in.i32();  // throttle time
  response.error = in.i16();
  in.nullable_string();  // error message
  in.each([&](Reader& topic) {
    topic.string();
    topic.each([&](Reader& partition) {
      partition.i32();
      for (int i = 0; i < 3; ++i) partition.each([](Reader& replica) { replica.i32(); });
      partition.tags();
      ++response.partitions;
    });
    topic.tags();
  });
  in.tags();
  return response;
}

void DescribeProducersRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.array(topics, [&](const TopicPartitions& topic) {
    out.string(topic.topic);
    out.array(topic.partitions, [&](std::int32_t partition) { out.i32(partition); });
    out.tags();
  });
  out.tags();
}

DescribeProducersResponse DescribeProducersRequest::read(Reader& in, std::int16_t /*version*/) {
  DescribeProducersResponse response;
  in.i32();  // throttle time
  response.topics = in.array([](Reader& item) {
    DescribeProducersResponse::Topic topic;
    topic.name = item.string();
    topic.partitions = item.array([](Reader& inner) {
      DescribeProducersResponse::Partition partition;
      partition.index = inner.i32();
      partition.error = inner.i16();
      inner.nullable_string();  // error message
      partition.producers = inner.array(read_producer);
      inner.tags();
      return partition;
    });
    item.tags();
    return topic;
  });
  in.tags();
  return response;
}

}  // namespace plumbline::kafka
