// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

void Writer::big_endian(std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i) {
    out_.push_back(static_cast<char>((value >> (8 * (i - 1))) & 0xFFU));
  }
}

void Writer::varint(std::uint32_t value) {
  for (; value >= 0x80U; value >>= 7U) out_.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  out_.push_back(static_cast<char>(value));
}

void Writer::length(std::size_t size, unsigned classic_bytes) {
  if (encoding_ == Encoding::kFlexible) {
    varint(static_cast<std::uint32_t>(size + 1));
  } else {
    big_endian(size, classic_bytes);
  }
}

void Writer::null(unsigned classic_bytes) {
  if (encoding_ == Encoding::kFlexible) {
    varint(0);
  } else {
    big_endian(~std::uint64_t{0}, classic_bytes);
  }
}

void Writer::string(std::string_view text) {
  length(text.size(), 2);
  out_.append(text);
}

void Writer::bytes(std::string_view bytes) {
  length(bytes.size(), 4);
  out_.append(bytes);
}

void Writer::tags() {
  if (encoding_ == Encoding::kFlexible) varint(0);
}

}  // namespace plumbline::kafka
