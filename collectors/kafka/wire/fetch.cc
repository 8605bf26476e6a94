// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/fetch.h"

#include <cstddef>

namespace plumbline::kafka {
namespace {

constexpr std::int8_t kMagic = 2;
constexpr std::uint16_t kControl = 1U << 5U;  // of a batch's attributes
constexpr std::size_t kPrefix = 12;           // offset and length, which the length leaves out
constexpr std::int32_t kHeadLength = 49;      // what the length counts of the head
constexpr std::int32_t kNoSession = 0;
constexpr std::int32_t kFullFetch = -1;

}  // namespace

std::vector<BatchHead> batch_heads(std::string_view records) {
  std::vector<BatchHead> heads;
  while (true) {
    Reader in(records, Encoding::kClassic);
    BatchHead head{.first = in.i64()};
    const auto length = in.i32();
    in.i32();  // leader epoch
    const auto magic = in.i8();
    in.i32();  // checksum
    head.is_control = (in.u16() & kControl) != 0;
    const auto delta = in.i32();
    if (!in.ok() || magic != kMagic || length < kHeadLength || delta < 0 || head.first < 0) break;
    if (head.first > INT64_MAX - delta) break;
    head.last = head.first + delta;
    heads.push_back(head);
    const auto size = kPrefix + static_cast<std::size_t>(length);
    if (size >= records.size()) break;
    records.remove_prefix(size);
  }
  return heads;
}

void FetchRequest::write(Writer& out, std::int16_t version) const {
  out.i32(-1);  // a client asks, no follower
  out.i32(0);   // ms to wait
  out.i32(0);   // bytes to wait for
  out.i32(all_bytes);
  out.i8(0);  // up to the high watermark
  if (version >= 7) {
    out.i32(kNoSession);
    out.i32(kFullFetch);
  }
  out.array(topics, [&](const FetchTopic& topic) {
    out.string(topic.topic);
    out.array(topic.partitions, [&](const FetchFrom& from) {
      out.i32(from.partition);
      if (version >= 9) out.i32(-1);  // of any leader
      out.i64(from.offset);
      if (version >= 5) out.i64(-1);  // where a follower's log starts
      out.i32(partition_bytes);
    });
  });
  if (version >= 7) out.array_size(0);  // topics to forget
  if (version >= 11) out.string({});    // our rack
}

FetchResponse FetchRequest::read(Reader& in, std::int16_t version) {
  FetchResponse response;
  in.i32();  // throttle time
  if (version >= 7) {
    response.error = in.i16();
    in.i32();  // session
  }
  response.topics = in.array([&](Reader& item) {
    FetchResponse::Topic topic;
    topic.name = item.string();
    topic.partitions = item.array([&](Reader& inner) {
      FetchResponse::Partition partition;
      partition.index = inner.i32();
      partition.error = inner.i16();
      inner.i64();  // high watermark
      inner.i64();  // last stable offset
      if (version >= 5) inner.i64();
      inner.each([](Reader& aborted) {
        aborted.i64();
        aborted.i64();
      });
      if (version >= 11) inner.i32();  // the replica to ask instead
      partition.batches = batch_heads(inner.bytes());
      return partition;
    });
    return topic;
  });
  return response;
}

}  // namespace plumbline::kafka
