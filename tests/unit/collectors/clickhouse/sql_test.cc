// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/sql.h"

#include <gtest/gtest.h>

namespace plumbline::clickhouse {
namespace {

TEST(RedactedSql, HidesLiteralsOfEveryKind) {
  for (const auto& [sql, wanted] : std::initializer_list<std::pair<const char*, const char*>>{
           {"SELECT a FROM t WHERE s = 'Jane'", "SELECT a FROM t WHERE s = ?"},
           {"SELECT 'it''s', 'a\\'b', 4", "SELECT ?"},
           {"SELECT -1.5e-3 + 0xfe, t1.c2", "SELECT -? + ?, t1.c2"},
           {"WHERE id IN (1, 2,3 , 4)", "WHERE id IN (?)"},
           {"SELECT $$Jane$$, $tag$ Doe $ $tag$ x", "SELECT ? x"},
           {"SELECT x'4a616e65', b'01'", "SELECT ?"},
           {"SELECT \xE2\x80\x98Jane Doe\xE2\x80\x99 AS n", "SELECT ? AS n"},
           {"SELECT Jäne", "SELECT J?ne"},
           {"SELECT 1_000", "SELECT ?"}}) {
    EXPECT_EQ(redacted_sql(sql), wanted) << sql;
  }
}

TEST(RedactedSql, KeepsNamesAndParameters) {
  EXPECT_EQ(redacted_sql("SELECT `a 1`, \"b 2\" FROM db1.t WHERE x = {id:UInt64}"),
            "SELECT `a 1`, \"b 2\" FROM db1.t WHERE x = {id:UInt64}");
}

TEST(RedactedSql, DropsCommentsAndLineBreaks) {
  EXPECT_EQ(redacted_sql("SELECT /* Jane's */ a -- 4111 ' \nFROM\n\t t # Doe\n"),
            "SELECT a FROM t");
}

TEST(RedactedSql, DropsTheDataOfAnInsert) {
  EXPECT_EQ(redacted_sql("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')"),
            "INSERT INTO t (a, b) VALUES ?");
  EXPECT_EQ(redacted_sql("insert into t format CSV\nJane,Doe,secret"),
            "insert into t format CSV ?");
  EXPECT_EQ(redacted_sql("SELECT values FROM t FORMAT JSON"), "SELECT values FROM t FORMAT JSON");
}

TEST(RedactedSql, HidesToTheEndWhatDoesNotEnd) {
  EXPECT_EQ(redacted_sql("SELECT a WHERE s = 'Jane Doe"), "SELECT a WHERE s = ?");
  EXPECT_EQ(redacted_sql("SELECT a /* Jane"), "SELECT a");
  EXPECT_EQ(redacted_sql("SELECT 'Jane\\"), "SELECT ?");
  EXPECT_EQ(redacted_sql(""), "");
}

TEST(RedactedSql, IsCutBetweenWords) {
  EXPECT_EQ(redacted_sql("SELECT first, second", 14), "SELECT first,");
}

}  // namespace
}  // namespace plumbline::clickhouse
