// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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

// Reads chains from their start, the only place to start from.
class ChainReader {
 public:
  static Result<ChainReader> prepare(sqlite::Database& database);

  // Calls `visit` for each row in order, as long as it wants. `request` is valid within the call.
  // An error means that the database could not be read; damage of a row is told by the row.
  Result<> read(Stream stream,
                std::uint64_t chain,
                const std::function<Visit(const BatchView&)>& visit);

 private:
  explicit ChainReader(sqlite::Statement rows) : rows_(std::move(rows)) {}

  BatchView decode(std::uint64_t expected_link, bool intact);

  sqlite::Statement rows_;
  ChainDecompressor decompressor_;
  std::string request_;
  std::string previous_;
};

}  // namespace plumbline
