// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/chain_reader.h"

#include <utility>

namespace plumbline {
namespace {

// The columns that head_of() takes, in its order; checksum and bytes follow.
constexpr auto kRows =
    "SELECT sequence, stream, signal, first_ns, last_ns, items, chain, link, codec, raw_bytes,"
    " checksum, bytes FROM batches WHERE stream = ?1 AND chain = ?2 ORDER BY sequence";
constexpr int kChecksumColumn = 10;
constexpr int kBytesColumn = 11;

BatchHead head_of(const sqlite::Statement& row) {
  return {.sequence = row.whole(0),
          .stream = static_cast<Stream>(row.integer(1)),
          .signal = static_cast<Signal>(row.integer(2)),
          .first = row.whole(3),
          .last = row.whole(4),
          .items = row.whole(5),
          .chain = row.whole(6),
          .link = row.whole(7),
          .codec = static_cast<Codec>(row.integer(8)),
          .raw_bytes = row.whole(9)};
}

}  // namespace

Result<ChainReader> ChainReader::prepare(sqlite::Database& database) {
  auto rows = database.prepare(kRows);
  if (!rows) return std::move(rows).error();
  return ChainReader(std::move(*rows));
}

BatchView ChainReader::decode(std::uint64_t expected_link, bool intact) {
  BatchView view{.head = head_of(rows_), .damaged = true};
  const auto bytes = rows_.blob(kBytesColumn);
  if (!intact || view.head.link != expected_link ||
      checksum(view.head, bytes) != rows_.whole(kChecksumColumn)) {
    return view;
  }
  std::swap(request_, previous_);
  const auto prefix = view.head.link == 0 ? std::string_view() : std::string_view(previous_);
  view.damaged = view.head.codec != Codec::kZstdChain ||
                 !decompressor_.decompress(bytes, prefix, view.head.raw_bytes, request_);
  if (!view.damaged) view.request = request_;
  return view;
}

Result<> ChainReader::read(Stream stream,
                           std::uint64_t chain,
                           const std::function<Visit(const BatchView&)>& visit) {
  rows_.reset();
  rows_.bind(1, static_cast<int>(stream));
  rows_.bind(2, chain);
  bool intact = true;
  for (std::uint64_t link = 0;; ++link) {
    const auto row = rows_.step();
    if (!row) return row.error();
    if (!*row) break;
    const auto view = decode(link, intact);
    intact = !view.damaged;
    if (visit(view) == Visit::kStop) break;
  }
  rows_.reset();
  return {};
}

}  // namespace plumbline
