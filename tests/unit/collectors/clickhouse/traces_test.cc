// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/traces.h"

#include <map>

#include <gtest/gtest.h>

namespace plumbline::clickhouse {
namespace {

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* kCaller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class TracesTest : public testing::Test {
 protected:
  // A record with these fields.
  Record record(const std::map<std::string, std::string>& fields) {
    names_.clear();
    columns_.clear();
    row_ = {"h"};
    for (const auto& [name, value] : fields) {
      names_.push_back(name);
      row_.emplace_back(value);
    }
    for (const auto& name : names_) columns_.push_back(field(name, "x", ""));
    plan_.columns.clear();
    for (const auto& column : columns_) plan_.columns.push_back(&column);
    return {plan_, row_};
  }

  static std::string text(const Fields& fields, std::string_view key) {
    for (const auto& [name, value] : fields) {
      if (name != key) continue;
      if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
      return std::get<std::string>(value);
    }
    return "absent";
  }

  const Place place_{.address = "ch1", .port = 8123, .entity = {}};
  std::vector<std::string> names_;
  std::vector<Column> columns_;
  std::vector<Cell> row_;
  Plan plan_;
};

TEST_F(TracesTest, AQueryIsAChildOfItsCaller) {
  const auto span = query_span(record({{"caller", kCaller},
                                       {"trace", kTrace},
                                       {"id", "00000000000000ff"},
                                       {"start", "1000"},
                                       {"duration", "7"},
                                       {"operation", "SELECT"},
                                       {"tables", "db.t"},
                                       {"query", "SELECT a FROM t WHERE s = 'Jane'"},
                                       {"failed", "0"}}),
                               place_);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->trace.hex(), kTrace);
  EXPECT_EQ(span->parent.hex(), "b7ad6b7169203331");
  EXPECT_EQ(span->id.hex(), "00000000000000ff");
  EXPECT_EQ(span->kind, SpanKind::kServer);
  EXPECT_EQ(span->name, "SELECT db.t");
  EXPECT_EQ(span->start, 1'000'000U);
  EXPECT_EQ(span->end, 8'000'000U);
  EXPECT_EQ(span->status, SpanStatus::kUnset);
  EXPECT_EQ(text(span->attributes, "db.query.text"), "SELECT a FROM t WHERE s = ?");
  EXPECT_EQ(text(span->attributes, "db.system.name"), "clickhouse");
  EXPECT_EQ(text(span->attributes, "server.port"), "8123");
}

TEST_F(TracesTest, AQueryWithoutACallerIsATraceOfItsOwn) {
  const auto span =
      query_span(record({{"caller", ""}, {"trace", kTrace}, {"id", "00000000000000ff"}}), place_);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->trace.hex(), kTrace);
  EXPECT_FALSE(span->parent);
}

TEST_F(TracesTest, AFailureHasItsCodeAndItsTextWithoutTheData) {
  const auto row =
      record({{"trace", kTrace},
              {"id", "00000000000000ff"},
              {"failed", "1"},
              {"code", "6"},
              {"user", "ann"},
              {"query", "SELECT toUInt8('Jane')"},
              {"exception", "Code: 6. DB::Exception: Cannot parse string 'Jane' as UInt8"}});
  const auto span = query_span(row, place_);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->status, SpanStatus::kError);
  EXPECT_EQ(span->status_message, "Code: 6. DB::Exception: Cannot parse string ? as UInt8");
  EXPECT_EQ(text(span->attributes, "error.type"), "6");
  const auto event = query_failure(row, *span);
  EXPECT_EQ(event.trace, span->trace);
  EXPECT_EQ(event.span, span->id);
  EXPECT_EQ(event.body, span->status_message);
  EXPECT_EQ(text(event.attributes, "db.query.text"), "SELECT toUInt8(?)");
}

TEST_F(TracesTest, AServersSpanKeepsItsParentAndNoData) {
  const std::string zero(1, '\0');
  const auto span = server_span(
      record({{"trace", kTrace},
              {"id", "255"},
              {"parent", "18446744073709551615"},
              {"name", "query"},
              {"kind", "SERVER"},
              {"start", "5"},
              {"time", "9"},
              {"keys",
               "db.statement" + zero + "clickhouse.uri" + zero + "clickhouse.query_id" + zero +
                   "clickhouse.exception_code" + zero + "clickhouse.exception" + zero +
                   "clickhouse.thread_id" + zero + "clickhouse.tracestate"},
              {"values",
               "SELECT 'Jane'" + zero + "/?query=Jane" + zero + "q-1" + zero + "6" + zero +
                   "Code: 6. DB::Exception: 'Jane'" + zero + "17" + zero + "a=b"}}),
      place_);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->id.hex(), "00000000000000ff");
  EXPECT_EQ(span->parent.hex(), "ffffffffffffffff");
  EXPECT_EQ(span->kind, SpanKind::kServer);
  EXPECT_EQ(span->start, 5'000U);
  EXPECT_EQ(span->end, 9'000U);
  EXPECT_EQ(span->trace_state, "a=b");
  EXPECT_EQ(span->status_message, "Code: 6. DB::Exception: ?");
  EXPECT_EQ(text(span->attributes, "db.query.text"), "SELECT ?");
  EXPECT_EQ(text(span->attributes, "clickhouse.query_id"), "q-1");
  EXPECT_EQ(text(span->attributes, "clickhouse.thread_id"), "17");
  EXPECT_EQ(text(span->attributes, "clickhouse.uri"), "absent");
}

TEST_F(TracesTest, WhatIsNoSpanIsNone) {
  EXPECT_FALSE(query_span(record({{"trace", "xyz"}, {"id", "00000000000000ff"}}), place_));
  EXPECT_FALSE(server_span(record({{"trace", kTrace}, {"id", "0"}}), place_));
  EXPECT_FALSE(server_span(record({{"trace", kTrace}, {"id", "1"}, {"keys", std::string(1, '\0')}}),
                           place_));
}

}  // namespace
}  // namespace plumbline::clickhouse
