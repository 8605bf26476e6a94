// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kZstd };

// As Content-Encoding and grpc-encoding name it: "identity", "gzip", "zstd".
std::string_view to_string(ContentCoding coding);

// Compresses one body after the other with one reused state (gzip: 256 KiB, zstd: about 1 MiB).
class Compressor {
 public:
  explicit Compressor(ContentCoding coding);
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  Compressor(Compressor&&) = delete;
  Compressor& operator=(Compressor&&) = delete;
  ~Compressor();

  ContentCoding coding() const { return coding_; }
  // Appends to `out`. Fails only for lack of memory.
  Result<> compress(std::string_view bytes, std::string& out);

 private:
  struct State;

  ContentCoding coding_;
  std::unique_ptr<State> state_;
};

// Undoes `coding` (its name on the wire; empty is identity). Never holds more than `max_bytes` of
// output: kExhausted when there would be more, kMalformed when the bytes are not what they are said
// to be, kUnsupported for a coding we never asked for.
Result<std::string> decompress(std::string_view coding,
                               std::string_view bytes,
                               std::size_t max_bytes);

}  // namespace plumbline
