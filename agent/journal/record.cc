// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/record.h"

#include <zlib.h>

#include <algorithm>

namespace plumbline {

std::string_view to_string(Stream stream) {
  switch (stream) {
    case Stream::kExport:
      return "export";
    case Stream::kSecond:
      return "1s";
    case Stream::kTenth:
      return "10s";
  }
  return "unknown";
}

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::kSize:
      return "size";
    case DropReason::kAge:
      return "age";
    case DropReason::kDamaged:
      return "damaged";
    case DropReason::kMemory:
      return "memory";
    case DropReason::kRefused:
      return "refused";
  }
  return "unknown";
}

std::uint32_t checksum(const BatchHead& head, std::string_view bytes) {
  const std::array<std::uint64_t, 10> fields{
      head.sequence,
      static_cast<std::uint64_t>(head.stream),
      static_cast<std::uint64_t>(head.signal),
      head.first,
      head.last,
      head.items,
      head.chain,
      head.link,
      static_cast<std::uint64_t>(head.codec),
      head.raw_bytes,
  };
  auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(fields.data()), sizeof(fields));
  sum = crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return static_cast<std::uint32_t>(sum);
}

std::uint64_t CursorState::queued() const {
  std::uint64_t items = 0;
  for (const auto& ledger : ledgers) items += ledger.queued();
  return items;
}

void CursorState::drop(Signal signal, DropReason reason, std::uint64_t items) {
  const auto at = static_cast<std::size_t>(signal);
  ledgers[at].dropped += items;
  dropped[at][static_cast<std::size_t>(reason)] += items;
}

std::uint64_t CursorState::take_back(Signal signal, DropReason reason, std::uint64_t items) {
  const auto at = static_cast<std::size_t>(signal);
  auto& counted = dropped[at][static_cast<std::size_t>(reason)];
  items = std::min(items, counted);
  counted -= items;
  ledgers[at].dropped -= items;
  return items;
}

}  // namespace plumbline
