// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/groups.h"

namespace plumbline::kafka {
namespace {

using Assigned = DescribedGroups::Assigned;
using Group = DescribedGroups::Group;
using Member = DescribedGroups::Member;

void write_group_names(Writer& out, std::span<const std::string> groups) {
  out.strings(groups);
  out.boolean(false);  // without authorized operations
  out.tags();
}

Member read_classic_member(Reader& in, std::int16_t version, bool consumer) {
  Member member;
  member.id = in.string();
  if (version >= 4) in.nullable_string();  // instance
  member.client_id = in.string();
  member.host = in.string();
  in.bytes();  // subscription
  const auto assignment = in.bytes();
  if (consumer) member.assigned = read_classic_assignment(in, assignment);
  in.tags();
  return member;
}

Group read_classic_group(Reader& in, std::int16_t version) {
  Group group;
  group.error = in.i16();
  group.id = in.string();
  group.state = in.string();
  const bool consumer = in.string() == "consumer";
  group.assignor = in.string();
  group.members =
      in.array([&](Reader& item) { return read_classic_member(item, version, consumer); });
  if (version >= 3) in.i32();  // authorized operations
  in.tags();
  return group;
}

std::vector<Assigned> read_assignment(Reader& in) {
  auto out = in.array([](Reader& item) {
    Assigned assigned;
    item.uuid();
    assigned.topic = item.string();
    assigned.partitions = item.i32_array();
    item.tags();
    return assigned;
  });
  in.tags();
  return out;
}

Member read_consumer_member(Reader& in, std::int16_t version) {
  Member member;
  member.id = in.string();
  in.nullable_string();  // instance
  in.nullable_string();  // rack
  member.epoch = in.i32();
  member.client_id = in.string();
  member.host = in.string();
  in.each([](Reader& item) { item.string(); });  // subscribed topics
  in.nullable_string();                          // subscribed by regex
  member.assigned = read_assignment(in);
  read_assignment(in);  // the target
  if (version >= 1) in.i8();
  in.tags();
  return member;
}

Member read_share_member(Reader& in) {
  Member member;
  member.id = in.string();
  in.nullable_string();  // rack
  member.epoch = in.i32();
  member.client_id = in.string();
  member.host = in.string();
  in.each([](Reader& item) { item.string(); });  // subscribed topics
  member.assigned = read_assignment(in);
  in.tags();
  return member;
}

std::vector<Assigned> read_tasks(Reader& in) {
  return in.array([](Reader& item) {
    Assigned assigned;
    assigned.topic = item.string();
    assigned.partitions = item.i32_array();
    item.tags();
    return assigned;
  });
}

// Active tasks only: standbys and warm-ups commit nothing.
std::vector<Assigned> read_task_assignment(Reader& in) {
  auto active = read_tasks(in);
  read_tasks(in);
  read_tasks(in);
  in.tags();
  return active;
}

void skip_pairs(Reader& in) {
  in.each([](Reader& pair) {
    pair.string();
    pair.string();
    pair.tags();
  });
}

void skip_task_offsets(Reader& in) {
  in.each([](Reader& task) {
    task.string();
    task.i32();
    task.i64();
    task.tags();
  });
}

Member read_streams_member(Reader& in) {
  Member member;
  member.id = in.string();
  member.epoch = in.i32();
  in.nullable_string();  // instance
  in.nullable_string();  // rack
  member.client_id = in.string();
  member.host = in.string();
  in.i32();            // topology epoch
  in.string();         // process
  if (in.present()) {  // where users reach it
    in.string();
    in.u16();
    in.tags();
  }
  skip_pairs(in);         // client tags
  skip_task_offsets(in);  // how far its state is
  skip_task_offsets(in);  // and where that ends
  member.assigned = read_task_assignment(in);
  read_task_assignment(in);  // the target
  in.boolean();              // of the classic protocol
  in.tags();
  return member;
}

void skip_topics(Reader& in) {
  in.each([](Reader& topic) {
    topic.string();
    topic.i32();
    topic.i16();
    skip_pairs(topic);
    topic.tags();
  });
}

void skip_topology(Reader& in) {
  if (!in.present()) return;
  in.i32();  // epoch
  in.each([](Reader& part) {
    part.string();
    part.each([](Reader& topic) { topic.string(); });
    part.each([](Reader& topic) { topic.string(); });
    skip_topics(part);
    skip_topics(part);
    part.tags();
  });
  in.tags();
}

// KIP-848, share and streams groups differ in their members, and in what stands before these.
template <class ReadBefore, class ReadMember>
DescribedGroups read_modern(Reader& in, ReadBefore read_before, ReadMember read_member) {
  DescribedGroups response;
  in.i32();  // throttle time
  response.groups = in.array([&](Reader& item) {
    Group group;
    group.error = item.i16();
    item.nullable_string();  // error message
    group.id = item.string();
    group.state = item.string();
    group.epoch = item.i32();
    group.assignment_epoch = item.i32();
    read_before(item, group);
    group.members = item.array(read_member);
    item.i32();  // authorized operations
    item.tags();
    return group;
  });
  in.tags();
  return response;
}

void read_assignor(Reader& in, Group& group) {
  group.assignor = in.string();
}

}  // namespace

void ListGroupsRequest::write(Writer& out, std::int16_t version) const {
  if (version >= 4) out.array_size(0);  // any state
  if (version >= 5) out.array_size(0);  // any type
  out.tags();
}

ListGroupsResponse ListGroupsRequest::read(Reader& in, std::int16_t version) {
  ListGroupsResponse response;
  if (version >= 1) in.i32();  // throttle time
  response.error = in.i16();
  response.groups = in.array([&](Reader& item) {
    ListGroupsResponse::Group group;
    group.id = item.string();
    group.protocol_type = item.string();
    if (version >= 4) group.state = item.string();
    if (version >= 5) group.type = item.string();
    item.tags();
    return group;
  });
  in.tags();
  return response;
}

void DescribeGroupsRequest::write(Writer& out, std::int16_t version) const {
  out.strings(groups);
  if (version >= 3) out.boolean(false);  // without authorized operations
  out.tags();
}

DescribedGroups DescribeGroupsRequest::read(Reader& in, std::int16_t version) {
  DescribedGroups response;
  if (version >= 1) in.i32();  // throttle time
  response.groups = in.array([&](Reader& item) { return read_classic_group(item, version); });
  in.tags();
  return response;
}

void ConsumerGroupDescribeRequest::write(Writer& out, std::int16_t /*version*/) const {
  write_group_names(out, groups);
}

DescribedGroups ConsumerGroupDescribeRequest::read(Reader& in, std::int16_t version) {
  return read_modern(
      in, read_assignor, [&](Reader& item) { return read_consumer_member(item, version); });
}

void ShareGroupDescribeRequest::write(Writer& out, std::int16_t /*version*/) const {
  write_group_names(out, groups);
}

DescribedGroups ShareGroupDescribeRequest::read(Reader& in, std::int16_t /*version*/) {
  return read_modern(in, read_assignor, read_share_member);
}

void StreamsGroupDescribeRequest::write(Writer& out, std::int16_t /*version*/) const {
  write_group_names(out, groups);
}

DescribedGroups StreamsGroupDescribeRequest::read(Reader& in, std::int16_t /*version*/) {
  const auto skip = [](Reader& item, Group& /*group*/) { skip_topology(item); };
  return read_modern(in, skip, read_streams_member);
}

std::vector<Assigned> read_classic_assignment(Reader& frame, std::string_view bytes) {
  return frame.inside(bytes, Encoding::kClassic, [](Reader& in) {
    in.i16();  // version; what follows is the same in all of them
    return in.array([](Reader& item) {
      Assigned assigned;
      assigned.topic = item.string();
      assigned.partitions = item.i32_array();
      return assigned;
    });
  });
}

}  // namespace plumbline::kafka
