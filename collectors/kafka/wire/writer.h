// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collectors/kafka/wire/reader.h"

namespace plumbline::kafka {

// Writes the fields of one request in order, in the encoding of its API and version.
class Writer {
 public:
  Writer(std::string& out, Encoding encoding) : out_(out), encoding_(encoding) {}

  void i8(std::int8_t value) { big_endian(static_cast<std::uint64_t>(value), 1); }
  void i16(std::int16_t value) { big_endian(static_cast<std::uint64_t>(value), 2); }
  void i32(std::int32_t value) { big_endian(static_cast<std::uint64_t>(value), 4); }
  void i64(std::int64_t value) { big_endian(static_cast<std::uint64_t>(value), 8); }
  void boolean(bool value) { i8(value ? 1 : 0); }
  void uuid(const Uuid& value) { out_.append(value.begin(), value.end()); }
  void varint(std::uint32_t value);

  void string(std::string_view text);
  void null_string() { null(2); }
  void bytes(std::string_view bytes);
  void tags();  // none; nothing at all in the classic encoding
  void null_array() { null(4); }
  void array_size(std::size_t size) { length(size, 4); }

  template <class Range, class Element>
  void array(const Range& range, Element element) {
    array_size(std::size(range));
    for (const auto& item : range) element(item);
  }
  void strings(std::span<const std::string> texts) {
    array(texts, [this](std::string_view text) { string(text); });
  }

 private:
  void big_endian(std::uint64_t value, unsigned bytes);
  void length(std::size_t size, unsigned classic_bytes);
  void null(unsigned classic_bytes);

  std::string& out_;
  Encoding encoding_;
};

}  // namespace plumbline::kafka
