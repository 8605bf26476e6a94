// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {
namespace {

using std::string_view_literals::operator""sv;

TEST(Writer, WritesClassicLengthsInSixteenAndThirtyTwoBits) {
  std::string out;
  Writer writer(out, Encoding::kClassic);
  writer.string("ab");
  writer.null_string();
  writer.array_size(3);
  writer.null_array();
  writer.tags();
  EXPECT_EQ(out,
            "\x00\x02"
            "ab\xFF\xFF\x00\x00\x00\x03\xFF\xFF\xFF\xFF"sv);
}

TEST(Writer, WritesFlexibleLengthsAsVarintsOfOneMore) {
  std::string out;
  Writer writer(out, Encoding::kFlexible);
  writer.string("ab");
  writer.null_string();
  writer.array_size(300);
  writer.null_array();
  writer.tags();
  EXPECT_EQ(out,
            "\x03"
            "ab\x00\xAD\x02\x00\x00"sv);
}

TEST(Writer, WhatItWritesIsReadBack) {
  for (const auto encoding : {Encoding::kClassic, Encoding::kFlexible}) {
    std::string out;
    Writer writer(out, encoding);
    writer.i8(-3);
    writer.i16(-300);
    writer.i32(-70'000);
    writer.i64(-5'000'000'000);
    writer.string("topic");
    writer.bytes("\x01\x02");
    writer.array(std::string_view("xyz"), [&](char c) { writer.i8(c); });
    writer.tags();
    Reader reader(out, encoding);
    EXPECT_EQ(reader.i8(), -3);
    EXPECT_EQ(reader.i16(), -300);
    EXPECT_EQ(reader.i32(), -70'000);
    EXPECT_EQ(reader.i64(), -5'000'000'000);
    EXPECT_EQ(reader.string(), "topic");
    EXPECT_EQ(reader.bytes(), "\x01\x02");
    EXPECT_EQ(reader.array([](Reader& in) { return in.i8(); }).size(), 3U);
    reader.tags();
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader.left(), 0U);
  }
}

TEST(Reader, ATextLongerThanTheFrameFailsAndEverythingAfterItIsEmpty) {
  Reader reader(
      "\x00\x09"
      "abc"sv,
      Encoding::kClassic);
  EXPECT_EQ(reader.string(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.i32(), 0);
  EXPECT_EQ(reader.left(), 0U);
}

TEST(Reader, AnArrayThatCannotFitInTheFrameIsRefusedBeforeItIsRead) {
  int read = 0;
  Reader reader("\x7F\xFF\xFF\xFF\x00"sv, Encoding::kClassic);
  reader.each([&](Reader& in) {
    in.i8();
    ++read;
  });
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(read, 0);
}

TEST(Reader, AnArrayThatEndsTooSoonHasNoElements) {
  Reader reader("\x00\x00\x00\x02\x00\x00\x00\x01"sv, Encoding::kClassic);
  EXPECT_TRUE(reader.i32_array().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, NegativeLengthsBesideNullAreRefused) {
  Reader reader("\xFF\xFE"sv, Encoding::kClassic);
  reader.string();
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, ReadsVarintsUpToFiveBytes) {
  EXPECT_EQ(Reader("\xFF\xFF\xFF\xFF\x0F"sv, Encoding::kFlexible).varint(), 0xFFFF'FFFFU);
  Reader too_long("\xFF\xFF\xFF\xFF\xFF\x01"sv, Encoding::kFlexible);
  too_long.varint();
  EXPECT_FALSE(too_long.ok());
  Reader too_large("\xFF\xFF\xFF\xFF\x1F"sv, Encoding::kFlexible);
  too_large.varint();
  EXPECT_FALSE(too_large.ok());
}

TEST(Reader, SkipsTaggedFieldsItDoesNotKnow) {
  // Two: number 0 of 2 bytes, number 200 of 1 byte.
  Reader reader("\x02\x00\x02zz\xC8\x01\x01z\x05"sv, Encoding::kFlexible);
  reader.tags();
  EXPECT_EQ(reader.i8(), 5);
  EXPECT_TRUE(reader.ok());
}

TEST(Api, TheHighestVersionBothSpeakIsTaken) {
  const std::array offered{VersionRange{ApiKey::kMetadata, 0, 13},
                           VersionRange{ApiKey::kOffsetFetch, 0, 7},
                           VersionRange{ApiKey::kShareGroupDescribe, 0, 0}};
  EXPECT_EQ(common_version(ApiKey::kMetadata, offered), 12);
  EXPECT_EQ(common_version(ApiKey::kOffsetFetch, offered), 7);
  EXPECT_FALSE(common_version(ApiKey::kShareGroupDescribe, offered)) << "only an older one";
  EXPECT_FALSE(common_version(ApiKey::kListGroups, offered));
}

TEST(Api, EveryKeyHasItsRow) {
  for (const auto& row : all_apis()) EXPECT_EQ(&api(row.key), &row);
}

}  // namespace
}  // namespace plumbline::kafka
