// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/verify.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "agent/journal/reader.h"

namespace plumbline {
namespace {

using ChainName = std::pair<Stream, std::uint64_t>;

void note(Verdict& verdict, std::string finding) {
  if (verdict.structure.size() < kFindingsMax) verdict.structure.push_back(std::move(finding));
}

// The chains that `sql` finds, until it comes to damage.
void find_chains(sqlite::Database& database,
                 const std::string& sql,
                 std::set<ChainName>& chains,
                 Verdict& verdict) {
  auto rows = database.prepare(sql);
  if (!rows) return note(verdict, rows.error().what);
  while (true) {
    const auto row = rows->step();
    if (!row) return note(verdict, row.error().what);
    if (!*row) return;
    if (rows->whole(0) < kStreams) {
      chains.emplace(static_cast<Stream>(rows->integer(0)), rows->whole(1));
    } else {
      note(verdict, fmt::format("batches of a stream {} that there is not", rows->integer(0)));
    }
  }
}

void check_structure(sqlite::Database& database, Verdict& verdict) {
  auto check = database.prepare(fmt::format("PRAGMA integrity_check({})", kFindingsMax));
  if (!check) return note(verdict, check.error().what);
  while (true) {
    const auto row = check->step();
    if (!row) return note(verdict, row.error().what);
    if (!*row) return;
    if (check->text(0) != "ok") note(verdict, std::string(check->text(0)));
  }
}

void check_chain(ChainReader& reader,
                 const ChainName& chain,
                 const std::function<void(std::uint64_t)>& progress,
                 Verdict& verdict) {
  const auto done = reader.read(chain.first, chain.second, [&](const BatchView& row) {
    progress(++verdict.batches);
    if (!row.damaged()) return Visit::kContinue;
    ++verdict.damaged;
    verdict.damaged_items += row.head.items;
    if (verdict.named.size() < kFindingsMax) {
      verdict.named.push_back({.head = row.head, .damage = row.damage});
    }
    return Visit::kContinue;
  });
  if (!done) note(verdict, done.error().what);
}

}  // namespace

Result<Verdict> verify_journal(const std::string& path,
                               const std::function<void(std::uint64_t)>& progress) {
  Verdict verdict;
  auto opened = JournalReader::open(path);
  if (!opened && opened.error().code == Errc::kMalformed) {
    note(verdict, opened.error().what);
    return verdict;
  }
  if (!opened) return std::move(opened).error();
  auto& database = (*opened)->database();
  check_structure(database, verdict);
  // By the table and by the index: each knows of rows that damage hides from the other.
  std::set<ChainName> chains;
  for (const auto* by : {"NOT INDEXED", "INDEXED BY batches_by_chain"}) {
    find_chains(database,
                fmt::format("SELECT DISTINCT stream, chain FROM batches {}", by),
                chains,
                verdict);
  }
  auto reader = ChainReader::prepare(database);
  if (!reader) return std::move(reader).error();
  for (const auto& chain : chains) check_chain(*reader, chain, progress, verdict);
  return verdict;
}

}  // namespace plumbline
