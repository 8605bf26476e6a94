// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/offsets.h"

namespace plumbline::kafka {
namespace {

constexpr std::int32_t kNoReplica = -1;  // a client asks, no follower
constexpr std::int32_t kAnyEpoch = -1;

std::vector<OffsetFetchResponse::Topic> read_commits(Reader& in, std::int16_t version) {
  return in.array([&](Reader& item) {
    OffsetFetchResponse::Topic topic;
    topic.name = item.string();
    topic.partitions = item.array([&](Reader& inner) {
      OffsetFetchResponse::Partition partition;
      partition.index = inner.i32();
      partition.committed = inner.i64();
      if (version >= 5) partition.leader_epoch = inner.i32();
      inner.nullable_string();  // the committer's metadata
      partition.error = inner.i16();
      inner.tags();
      return partition;
    });
    item.tags();
    return topic;
  });
}

ListOffsetsResponse::Partition read_found(Reader& in, std::int16_t version) {
  ListOffsetsResponse::Partition partition;
  partition.index = in.i32();
  partition.error = in.i16();
  partition.time = in.i64();
  partition.offset = in.i64();
  if (version >= 4) partition.leader_epoch = in.i32();
  in.tags();
  return partition;
}

ShareGroupOffsetsResponse::Partition read_share_partition(Reader& in, std::int16_t version) {
  ShareGroupOffsetsResponse::Partition partition;
  partition.index = in.i32();
  partition.start = in.i64();
  in.i32();  // leader epoch
  if (version >= 1) partition.lag = in.i64();
  partition.error = in.i16();
  in.nullable_string();  // error message
  in.tags();
  return partition;
}

}  // namespace

void OffsetFetchRequest::write(Writer& out, std::int16_t version) const {
  if (version < kFirstBatched) {
    out.string(groups.front());
    out.null_array();  // all topics
  } else {
    out.array(groups, [&](const std::string& group) {
      out.string(group);
      if (version >= 9) {
        out.null_string();  // not as a member
        out.i32(-1);
      }
      out.null_array();  // all topics
      out.tags();
    });
  }
  if (version >= 7) out.boolean(false);  // what is being committed in a transaction does not count
  out.tags();
}

OffsetFetchResponse OffsetFetchRequest::read(Reader& in, std::int16_t version) {
  OffsetFetchResponse response;
  if (version >= 3) in.i32();  // throttle time
  if (version >= kFirstBatched) {
    response.groups = in.array([&](Reader& item) {
      OffsetFetchResponse::Group group;
      group.id = item.string();
      group.topics = read_commits(item, version);
      group.error = item.i16();
      item.tags();
      return group;
    });
  } else {
    auto& group = response.groups.emplace_back();
    group.topics = read_commits(in, version);
    group.error = in.i16();
  }
  in.tags();
  return response;
}

void ListOffsetsRequest::write(Writer& out, std::int16_t version) const {
  out.i32(kNoReplica);
  if (version >= 2) out.i8(static_cast<std::int8_t>(isolation));
  out.array(topics, [&](const TopicTimes& topic) {
    out.string(topic.topic);
    out.array(topic.partitions, [&](const PartitionTime& partition) {
      out.i32(partition.index);
      if (version >= 4) out.i32(kAnyEpoch);
      out.i64(partition.time);
      out.tags();
    });
    out.tags();
  });
  out.tags();
}

ListOffsetsResponse ListOffsetsRequest::read(Reader& in, std::int16_t version) {
  ListOffsetsResponse response;
  if (version >= 2) in.i32();  // throttle time
  response.topics = in.array([&](Reader& item) {
    ListOffsetsResponse::Topic topic;
    topic.name = item.string();
    topic.partitions = item.array([&](Reader& inner) { return read_found(inner, version); });
    item.tags();
    return topic;
  });
  in.tags();
  return response;
}

void DescribeShareGroupOffsetsRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.array(groups, [&](const std::string& group) {
    out.string(group);
    out.null_array();  // all topics
    out.tags();
  });
  out.tags();
}

ShareGroupOffsetsResponse DescribeShareGroupOffsetsRequest::read(Reader& in, std::int16_t version) {
  ShareGroupOffsetsResponse response;
  in.i32();  // throttle time
  response.groups = in.array([&](Reader& item) {
    ShareGroupOffsetsResponse::Group group;
    group.id = item.string();
    group.topics = item.array([&](Reader& inner) {
      ShareGroupOffsetsResponse::Topic topic;
      topic.name = inner.string();
      inner.uuid();
      topic.partitions =
          inner.array([&](Reader& last) { return read_share_partition(last, version); });
      inner.tags();
      return topic;
    });
    group.error = item.i16();
    item.nullable_string();  // error message
    item.tags();
    return group;
  });
  in.tags();
  return response;
}

}  // namespace plumbline::kafka
