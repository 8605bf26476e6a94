// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/range_reader.h"

namespace plumbline {
namespace {

constexpr UnixNanos kForever = ~UnixNanos{0} >> 1U;

}  // namespace

JournalReader::Query RangeReader::rows() const {
  const auto& selection = query_.selection;
  return {.stream = query_.stream,
          .signal = query_.signal,
          .from = selection.from,
          .to = selection.to > kForever - kPointAgeMax ? kForever : selection.to + kPointAgeMax,
          .first_sequence = next_sequence_};
}

Result<JournalReader::Extent> RangeReader::extent() {
  return reader_.extent(rows());
}

Result<std::uint64_t> RangeReader::estimate() {
  auto query = rows();
  query.to = query_.selection.to - 1;
  const auto extent = reader_.extent(query);
  if (!extent) return extent.error();
  return extent->items;
}

RangeBatch RangeReader::select(const BatchView& row) const {
  RangeBatch batch{.head = row.head, .damage = row.damage};
  if (row.damaged()) return batch;
  auto selected = select_items(query_.signal, row.request, query_.selection, batch.request);
  if (!selected) {
    batch.damage = Damage::kBytes;
  } else {
    batch.selected = *selected;
  }
  if (batch.selected.items == 0) batch.request.clear();
  return batch;
}

Result<std::vector<RangeBatch>> RangeReader::next() {
  std::vector<RangeBatch> part;
  if (at_end_) return part;
  std::uint64_t bytes = 0;
  at_end_ = true;
  TRY(reader_.read(rows(), [&](const BatchView& row) {
    part.push_back(select(row));
    // What a damaged row says of its sequence is not to be trusted.
    if (row.damaged()) return Visit::kContinue;
    bytes += part.back().request.size() + sizeof(RangeBatch);
    if (bytes < kPartBytes) return Visit::kContinue;
    next_sequence_ = row.head.sequence + 1;
    at_end_ = false;
    return Visit::kStop;
  }));
  return part;
}

}  // namespace plumbline
