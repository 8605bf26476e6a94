// SPDX-License-Identifier: Apache-2.0
//
// What an answer is decoded into is bounded by its frame, whatever a broker says.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"
#include "tests/support/allocations.h"
#include "tests/support/kafka_requests.h"

namespace plumbline::kafka {
namespace {

// Heads of batches are found by their length, not as an array: 24 bytes for 61 of the frame, held
// twice while their vector grows.
std::size_t bound(ApiKey key, std::size_t frame) {
  return Reader::memory_for(frame) + (key == ApiKey::kFetch ? 2 * frame : 0);
}

// Bytes of memory for one decoding of the frame.
template <class Request>
std::uint64_t spent(std::string_view frame, std::int16_t version, bool* readable = nullptr) {
  const auto before = allocated_bytes();
  Reader in(frame, api(Request::kKey).encoding(version));
  [[maybe_unused]] const auto value = Request::read(in, version);
  if (readable != nullptr) *readable = in.ok();
  return allocated_bytes() - before;
}

// Bytes as decoders take them for counts and lengths: mostly small, some huge.
std::string hostile_frame(std::mt19937& random, std::size_t size) {
  std::string frame(size, '\0');
  const auto most = 1U + random() % 8;
  for (auto& byte : frame) {
    const auto roll = random() % 64;
    byte = static_cast<char>(roll == 0 ? 0xFFU : roll < 48 ? random() % most : random() % 256);
  }
  return frame;
}

TEST(Bounds, WhateverABrokerSaysTakesNoMoreThanItsFrameAllows) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same frames each time
  for (int i = 0; i < 200; ++i) {
    const auto frame = hostile_frame(random, std::size_t{1} << random() % 17);
    AllRequests::each([&]<class Request>() {
      const auto& known = api(Request::kKey);
      for (auto version = known.min_version; version <= known.max_version; ++version) {
        EXPECT_LE(spent<Request>(frame, version), bound(Request::kKey, frame.size()))
            << known.name << " version " << version;
      }
    });
  }
}

// Three bytes of the frame are a topic without a name and without partitions: 40 bytes.
std::string empty_topics(std::uint32_t count) {
  std::string frame;
  Writer out(frame, Encoding::kFlexible);
  out.i32(0);         // throttle time
  out.array_size(1);  // groups
  out.string("g");
  out.array_size(count);
  frame.append(std::size_t{count} * 3, '\1');
  for (std::size_t i = frame.size() - std::size_t{count} * 3 + 2; i < frame.size(); i += 3) {
    frame[i] = '\0';  // tags
  }
  out.i16(0);
  out.tags();
  out.tags();
  return frame;
}

TEST(Bounds, AnArrayOfNothingsIsRefusedBeforeItIsPaidFor) {
  constexpr std::int16_t kVersion = 8;
  bool readable = false;
  spent<OffsetFetchRequest>(empty_topics(1'000), kVersion, &readable);
  EXPECT_TRUE(readable) << "as many as are small";
  const auto frame = empty_topics(1'000'000);
  EXPECT_LT(spent<OffsetFetchRequest>(frame, kVersion, &readable), std::size_t{1'000});
  EXPECT_FALSE(readable);
}

// What real brokers say at their least: short names, no members, one partition.
TEST(Bounds, WhatBrokersSayIsWithinTheBudgetHoweverMuchItIs) {
  constexpr int kGroups = 100'000;
  std::string listed;
  Writer list(listed, Encoding::kClassic);
  list.i32(0);
  list.i16(0);
  list.array_size(kGroups);
  std::string described;
  Writer describe(described, Encoding::kClassic);
  describe.i32(0);
  describe.array_size(kGroups);
  for (int i = 0; i < kGroups; ++i) {
    const auto name = std::to_string(i);
    list.string(name);
    list.string("consumer");
    describe.i16(0);
    describe.string(name);
    describe.string("Empty");
    describe.string("");
    describe.string("");
    describe.array_size(0);
    describe.i32(0);
  }
  bool readable = false;
  const auto for_list = spent<ListGroupsRequest>(listed, 2, &readable);
  EXPECT_TRUE(readable);
  const auto for_description = spent<DescribeGroupsRequest>(described, 3, &readable);
  EXPECT_TRUE(readable);
  EXPECT_LT(for_list, 6 * listed.size());
  EXPECT_LT(for_description, 6 * described.size());
}

}  // namespace
}  // namespace plumbline::kafka
