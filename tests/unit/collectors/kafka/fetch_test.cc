// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/fetch.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {
namespace {

constexpr std::int16_t kRecords = 0x00;
constexpr std::int16_t kMarker = 0x30;  // transactional and control

// A batch of `count` records whose bodies are `body`.
std::string batch(std::int64_t first,
                  std::int32_t count,
                  std::int16_t attributes,
                  std::string_view body) {
  std::string bytes;
  Writer out(bytes, Encoding::kClassic);
  out.i64(first);
  out.i32(static_cast<std::int32_t>(49 + body.size()));
  out.i32(0);
  out.i8(2);
  out.i32(0);
  out.i16(attributes);
  out.i32(count - 1);
  bytes += std::string(34, '\0');  // times, producer, number of records
  bytes += body;
  return bytes;
}

TEST(BatchHeads, TellsRecordsFromMarkers) {
  const auto heads =
      batch_heads(batch(7, 3, kRecords, "abc") + batch(10, 1, kMarker, "0123456789"));
  ASSERT_EQ(heads.size(), 2U);
  EXPECT_EQ(heads[0].first, 7);
  EXPECT_EQ(heads[0].last, 9);
  EXPECT_FALSE(heads[0].is_control);
  EXPECT_EQ(heads[1].first, 10);
  EXPECT_EQ(heads[1].last, 10);
  EXPECT_TRUE(heads[1].is_control);
}

TEST(BatchHeads, ABatchWhoseRecordsAreCutOffIsTheLast) {
  const auto whole = batch(0, 5, kRecords, std::string(100, 'x')) + batch(5, 1, kMarker, "m");
  EXPECT_EQ(batch_heads(std::string_view(whole).substr(0, 80)).size(), 1U);
  EXPECT_EQ(batch_heads(std::string_view(whole).substr(0, 170)).size(), 1U);
  EXPECT_TRUE(batch_heads(std::string_view(whole).substr(0, 20)).empty());
}

TEST(BatchHeads, AnotherFormatOrNonsenseEndsIt) {
  auto old = batch(0, 1, kRecords, "x");
  old[16] = 1;  // magic
  EXPECT_TRUE(batch_heads(old).empty());
  auto short_length = batch(0, 1, kRecords, "x");
  short_length[11] = 3;
  EXPECT_TRUE(batch_heads(short_length).empty());
  auto backwards = batch(0, 1, kRecords, "x");
  backwards[23] = '\xff';  // last offset before the first
  EXPECT_TRUE(batch_heads(backwards).empty());
  EXPECT_TRUE(batch_heads({}).empty());
}

}  // namespace
}  // namespace plumbline::kafka
