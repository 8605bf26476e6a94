// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/queue_reader.h"

#include <algorithm>
#include <map>
#include <utility>

namespace plumbline {
namespace {

// How many sequences are listed at once, for several parts: to find them, the index is gone through
// from a chain's span before. The 1 s record uses most of them.
constexpr std::uint64_t kListed = 256;

}  // namespace

Result<std::unique_ptr<QueueReader>> QueueReader::open(const std::string& path,
                                                       const std::string& vfs) {
  auto database = sqlite::Database::open(path, sqlite::Access::kReadOnly, vfs);
  if (!database) return std::move(database).error();
  TRY(database->execute("PRAGMA cache_size = -256; PRAGMA cell_size_check = ON"));
  auto chains = ChainReader::prepare(*database);
  if (!chains) return std::move(chains).error();
  auto rows = database->prepare(
      "SELECT b.sequence, b.chain, b.raw_bytes FROM batches AS b WHERE b.sequence IN"
      " (SELECT sequence FROM batches INDEXED BY batches_by_chain"
      "  WHERE stream = 0 AND chain > ?1 AND chain < ?3 AND sequence >= ?2 AND sequence < ?3)"
      " ORDER BY b.sequence");
  if (!rows) return std::move(rows).error();
  auto next = database->prepare(
      "SELECT min(sequence) FROM batches INDEXED BY batches_by_chain"
      " WHERE stream = 0 AND chain > ?1 AND sequence >= ?2");
  if (!next) return std::move(next).error();
  return std::unique_ptr<QueueReader>(new QueueReader(
      std::move(*database), std::move(*chains), std::move(*rows), std::move(*next)));
}

Result<> QueueReader::list(std::uint64_t from, std::uint64_t end) {
  listed_.clear();
  listed_from_ = listed_until_ = 0;
  rows_.reset();
  rows_.bind(1, from > kChainSpan ? from - kChainSpan : std::uint64_t{0});
  rows_.bind(2, from);
  rows_.bind(3, end);
  while (true) {
    const auto row = rows_.step();
    if (!row) return row.error();
    if (!*row) break;
    listed_.push_back(
        {.sequence = rows_.whole(0), .chain = rows_.whole(1), .raw_bytes = rows_.whole(2)});
  }
  rows_.reset();
  listed_from_ = from;
  listed_until_ = end;
  return {};
}

// What comes first at or after `from`, unless it is listed already; nothing when there is none.
Result<> QueueReader::list_from(std::uint64_t from, std::uint64_t end) {
  if (from >= listed_from_ && from < listed_until_) return {};
  TRY(list(from, std::min(end, from + kListed)));
  if (!listed_.empty() || listed_until_ == end) return {};
  const auto first = first_from(from, end);
  if (!first) return first.error();
  TRY(list(*first, std::min(end, *first + kListed)));
  listed_from_ = from;
  return {};
}

// The first sequence of the stream at or after `from`; `end` when there is none before it.
Result<std::uint64_t> QueueReader::first_from(std::uint64_t from, std::uint64_t end) {
  next_.reset();
  next_.bind(1, from > kChainSpan ? from - kChainSpan : std::uint64_t{0});
  next_.bind(2, from);
  const auto row = next_.step();
  if (!row) return row.error();
  const auto first = *row ? next_.whole(0) : 0;
  next_.reset();
  return first == 0 ? end : std::min(first, end);
}

Result<QueueReader::Part> QueueReader::read(std::uint64_t from,
                                            std::uint64_t end,
                                            std::uint64_t max_bytes) {
  auto transaction = sqlite::Transaction::begin(database_, sqlite::Transaction::Kind::kRead);
  if (!transaction) return std::move(transaction).error();
  TRY(list_from(from, end));
  Part part{.until = std::min(end, listed_until_)};

  std::uint64_t bytes = 0;
  std::map<std::uint64_t, std::uint64_t> last_of_chain;
  const auto begin = std::ranges::lower_bound(listed_, from, {}, &Row::sequence);
  for (const auto& row : std::ranges::subrange(begin, listed_.end())) {
    if (row.sequence >= end) break;
    if (bytes != 0 && bytes + row.raw_bytes > max_bytes) {
      part.until = row.sequence;
      break;
    }
    bytes += std::max<std::uint64_t>(row.raw_bytes, 1);
    last_of_chain[row.chain] = row.sequence;
  }
  for (const auto& [chain, last] : last_of_chain) {
    const ChainReader::Span span{.first = from, .last = last};
    TRY(chains_.read(Stream::kExport, chain, span, [&part](const BatchView& row) {
      const auto& head = row.head;
      if (row.damaged()) {
        part.damaged.push_back({.sequence = head.sequence,
                                .signal = head.signal,
                                .items = head.items,
                                .reason = DropReason::kDamaged});
      } else {
        part.records.push_back(
            std::make_shared<const LogRecord>(LogRecord{.sequence = head.sequence,
                                                        .signal = head.signal,
                                                        .time = head.last,
                                                        .items = head.items,
                                                        .bytes = std::string(row.request)}));
      }
      return Visit::kContinue;
    }));
  }
  std::ranges::sort(part.records, {}, [](const auto& record) { return record->sequence; });
  return part;
}

}  // namespace plumbline
