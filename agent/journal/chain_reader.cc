// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/chain_reader.h"

#include <utility>

#include <fmt/format.h>

#include "agent/journal/batch_row.h"
#include "agent/journal/columns.h"

namespace plumbline {

namespace {

// Less than any number a row can have, be it damaged.
constexpr auto kBeforeAll = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min());

}  // namespace

std::string_view to_string(Damage damage) {
  switch (damage) {
    case Damage::kNone:
      return "nothing";
    case Damage::kChecksum:
      return "its checksum does not hold";
    case Damage::kChain:
      return "a batch before it in its chain is damaged or missing";
    case Damage::kBytes:
      return "its bytes cannot be decompressed";
  }
  return "unknown";
}

Result<ChainReader> ChainReader::prepare(sqlite::Database& database) {
  auto rows = database.prepare(fmt::format(
      "SELECT {} FROM batches INDEXED BY batches_by_chain"
      " WHERE stream = ?1 AND chain = ?2 AND sequence > ?3 AND sequence <= ?4 ORDER BY sequence",
      kBatchColumns));
  if (!rows) return std::move(rows).error();
  return ChainReader(std::move(*rows));
}

BatchView ChainReader::decode(std::uint64_t expected_link, bool intact) {
  BatchView view{.head = batch_head(rows_)};
  if (!is_intact(rows_, view.head)) {
    view.damage = Damage::kChecksum;
  } else if (!intact || view.head.link != expected_link) {
    view.damage = Damage::kChain;
  }
  if (view.damaged()) return view;
  const auto request = this->request(view.head);
  if (!request) view.damage = Damage::kBytes;
  view.request = request.value_or(std::string_view());
  return view;
}

// What the row holds; nothing when its bytes are damaged, or not of this program.
std::optional<std::string_view> ChainReader::request(const BatchHead& head) {
  if (head.codec != Codec::kZstdChain && head.codec != Codec::kColumns) return {};
  if (head.raw_bytes > kMaxRawBytes) return {};
  std::swap(form_, previous_);
  const auto prefix = head.link == 0 ? std::string_view() : std::string_view(previous_);
  const bool columns = head.codec == Codec::kColumns;
  const auto most = columns ? max_form_bytes(head.raw_bytes) : head.raw_bytes;
  if (!decompressor_.decompress(rows_.blob(kBytesColumn), prefix, most, form_)) return {};
  if (columns) {
    if (!join_columns(form_, head.raw_bytes, request_)) return {};
    return request_;
  }
  if (form_.size() != head.raw_bytes) return {};
  return form_;
}

Result<> ChainReader::read(Stream stream,
                           std::uint64_t chain,
                           Span span,
                           const std::function<Visit(const BatchView&)>& visit) {
  const auto known = std::exchange(place_, {});
  const bool resumes =
      known.chain == chain && known.stream == stream && known.sequence < span.first;
  rows_.reset();
  rows_.bind(1, static_cast<int>(stream));
  rows_.bind(2, chain);
  rows_.bind(3, resumes ? known.sequence : kBeforeAll);
  rows_.bind(4, span.last);
  bool intact = true;
  for (std::uint64_t link = resumes ? known.link + 1 : 0;; ++link) {
    const auto row = rows_.step();
    if (!row) return row.error();
    if (!*row) break;
    const auto view = decode(link, intact);
    intact = !view.damaged();
    place_ =
        intact
            ? Place{.stream = stream, .chain = chain, .sequence = view.head.sequence, .link = link}
            : Place{};
    if (view.head.sequence >= span.first && visit(view) == Visit::kStop) break;
  }
  rows_.reset();
  return {};
}

}  // namespace plumbline
