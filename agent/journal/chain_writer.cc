// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/chain_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "agent/journal/batch_row.h"

namespace plumbline {

Result<ChainWriter> ChainWriter::prepare(sqlite::Database& database) {
  auto insert =
      database.prepare(fmt::format("INSERT INTO batches({})"
                                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                                   kBatchColumns));
  if (!insert) return std::move(insert).error();
  return ChainWriter(std::move(*insert));
}

Result<> ChainWriter::insert(Stream stream,
                             const std::shared_ptr<const LogRecord>& record,
                             UnixNanos first) {
  auto& chain = chains_[static_cast<std::size_t>(stream)][static_cast<std::size_t>(record->signal)];
  if (chain.links == kChainLinks || record->sequence - chain.key >= kChainSpan) chain = {};
  const bool columns = record->signal == Signal::kMetrics && splitter_.split(record->bytes, form_);
  if (!columns) form_ = record->bytes;
  const auto bytes = compressor_.compress(form_, chain.previous);
  if (!bytes) return bytes.error();
  const BatchHead head{.sequence = record->sequence,
                       .stream = stream,
                       .signal = record->signal,
                       .first = std::min(first, record->time),
                       .last = std::max(first, record->time),
                       .items = record->items,
                       .chain = chain.links == 0 ? record->sequence : chain.key,
                       .link = chain.links,
                       .codec = columns ? Codec::kColumns : Codec::kZstdChain,
                       .raw_bytes = record->bytes.size()};
  insert_.bind(1, head.sequence);
  insert_.bind(2, static_cast<int>(head.stream));
  insert_.bind(3, static_cast<int>(head.signal));
  insert_.bind(4, head.first);
  insert_.bind(5, head.last);
  insert_.bind(6, head.items);
  insert_.bind(7, head.chain);
  insert_.bind(8, head.link);
  insert_.bind(9, static_cast<int>(head.codec));
  insert_.bind(10, head.raw_bytes);
  insert_.bind(11, std::uint64_t{checksum(head, *bytes)});
  insert_.bind_blob(12, *bytes);
  TRY(insert_.run());
  chain.key = head.chain;
  chain.links = head.link + 1;
  chain.previous.swap(form_);
  return {};
}

void ChainWriter::restart() {
  chains_ = {};
}

bool ChainWriter::is_open(std::uint64_t chain) const {
  return std::ranges::any_of(chains_, [chain](const auto& signals) {
    return std::ranges::any_of(signals, [chain](const Chain& open) { return open.key == chain; });
  });
}

}  // namespace plumbline
