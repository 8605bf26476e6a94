// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/journal/codec.h"
#include "agent/journal/record.h"
#include "agent/journal/sqlite.h"

namespace plumbline {

// Why a row cannot be read.
enum class Damage : std::uint8_t {
  kNone,
  kChecksum,  // the row is not what was written
  kChain,     // a row before it in its chain is damaged or missing
  kBytes,     // its bytes cannot be decompressed, or not by this program
};
// "its checksum does not hold"
std::string_view to_string(Damage damage);

// A row and the request it holds; that of a damaged row is empty.
struct BatchView {
  BatchHead head;
  std::string_view request;
  Damage damage = Damage::kNone;

  bool damaged() const { return damage != Damage::kNone; }
};

enum class Visit : std::uint8_t { kContinue, kStop };

// Reads chains from their start, the only place to start from, or from where it has come to.
class ChainReader {
 public:
  static Result<ChainReader> prepare(sqlite::Database& database);

  // The sequences that are wanted.
  struct Span {
    std::uint64_t first = 0;
    std::uint64_t last = std::numeric_limits<std::int64_t>::max();
  };

  // Calls `visit` for each row of the span in order, as long as it wants. `request` is valid within
  // the call. An error means that the database could not be read; damage of a row is told by the
  // row. What follows the row that was read last costs as much as it holds; everything else, all of
  // the chain before it too.
  Result<> read(Stream stream,
                std::uint64_t chain,
                Span span,
                const std::function<Visit(const BatchView&)>& visit);
  Result<> read(Stream stream,
                std::uint64_t chain,
                const std::function<Visit(const BatchView&)>& visit) {
    return read(stream, chain, {}, visit);
  }

 private:
  // The row whose content is in form_. Rows never change; a chain that is no more has none.
  struct Place {
    Stream stream = Stream::kExport;
    std::uint64_t chain = 0;  // 0: none
    std::uint64_t sequence = 0;
    std::uint64_t link = 0;
  };

  explicit ChainReader(sqlite::Statement rows) : rows_(std::move(rows)) {}

  BatchView decode(std::uint64_t expected_link, bool intact);
  std::optional<std::string_view> request(const BatchHead& head);

  sqlite::Statement rows_;
  Place place_;
  ChainDecompressor decompressor_;
  std::string form_;      // what was compressed
  std::string previous_;  // the same of the row before
  std::string request_;   // of form_, where it is another
};

}  // namespace plumbline
