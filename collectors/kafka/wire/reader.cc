// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/reader.h"

#include <algorithm>

namespace plumbline::kafka {

void Reader::fail() {
  ok_ = false;
  rest_ = {};
}

std::string_view Reader::take(std::size_t size) {
  if (size > rest_.size()) {
    fail();
    return {};
  }
  const auto out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

Uuid Reader::uuid() {
  Uuid out{};
  const auto bytes = take(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

std::uint32_t Reader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(i8());
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) break;
    if (shift == 28) fail();  // a sixth byte
  }
  if (value > UINT32_MAX) fail();
  return ok_ ? static_cast<std::uint32_t>(value) : 0;
}

std::optional<std::size_t> Reader::length(std::size_t classic_bytes) {
  if (encoding_ == Encoding::kFlexible) {
    const auto plus_one = varint();
    if (plus_one == 0) return std::nullopt;
    return plus_one - 1;
  }
  const std::int64_t size = classic_bytes == 2 ? i16() : i32();
  if (size < -1) fail();
  if (size < 0) return std::nullopt;
  return static_cast<std::size_t>(size);
}

std::optional<std::string_view> Reader::nullable_string() {
  const auto size = length(2);
  if (!size) return std::nullopt;
  return take(*size);
}

std::string_view Reader::bytes() {
  return take(length(4).value_or(0));
}

std::size_t Reader::array_size() {
  const auto size = length(4).value_or(0);
  if (size > rest_.size()) fail();
  return ok_ ? size : 0;
}

bool Reader::pay(std::size_t bytes) {
  if (bytes + kBlock > memory_left_) {
    fail();
  } else {
    memory_left_ -= bytes + kBlock;
  }
  return ok_;
}

void Reader::tags() {
  if (encoding_ == Encoding::kClassic) return;
  const auto count = varint();
  for (std::uint32_t i = 0; i < count && ok_; ++i) {
    varint();  // which field
    take(varint());
  }
}

}  // namespace plumbline::kafka
