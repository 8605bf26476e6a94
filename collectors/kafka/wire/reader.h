// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace plumbline::kafka {

// Kafka has two encodings: "classic" with 16 and 32 bit lengths, and "flexible" with varint lengths
// and tagged fields behind each structure. Which one holds is told by API and version.
enum class Encoding : std::uint8_t { kClassic, kFlexible };

using Uuid = std::array<std::uint8_t, 16>;

// Reads the fields of one answer in order. It never looks beyond the frame: the first field that
// does not fit makes the reader fail, and from then on everything reads as zero or empty. So a
// decoder reads straight on and asks ok() once, at its end. Texts point into the frame.
//
// What an answer is decoded into takes room in proportion to its frame, and no more: an element of
// an array may be a few bytes long there and a hundred here, so that all elements together have a
// budget. An answer that would need more is not one of a broker.
class Reader {
 public:
  // The widest of what brokers really say, a classic group of a short name without members, takes
  // five bytes for each of its frame; what is small need not be measured.
  static constexpr std::size_t kMemoryPerByte = 8;
  static constexpr std::size_t kMemoryAtLeast = 256 << 10;
  // The most that arrays of a frame of that size take, ends of blocks of memory included.
  static constexpr std::size_t memory_for(std::size_t frame) {
    return kMemoryPerByte * frame + kMemoryAtLeast;
  }

  Reader(std::string_view frame, Encoding encoding)
      : rest_(frame), encoding_(encoding), memory_left_(memory_for(frame.size())) {}

  std::int8_t i8() { return big_endian<std::int8_t>(); }
  std::int16_t i16() { return big_endian<std::int16_t>(); }
  std::int32_t i32() { return big_endian<std::int32_t>(); }
  std::int64_t i64() { return big_endian<std::int64_t>(); }
  std::uint16_t u16() { return big_endian<std::uint16_t>(); }
  bool boolean() { return i8() != 0; }
  Uuid uuid();
  std::uint32_t varint();  // unsigned, at most five bytes

  std::string_view string() { return nullable_string().value_or(std::string_view()); }
  std::optional<std::string_view> nullable_string();
  std::string_view bytes();  // null reads as empty
  // Behind each structure; nothing in the classic encoding. Unknown tagged fields are skipped.
  void tags();
  // A structure that may be missing is preceded by one byte.
  bool present() { return i8() >= 0; }

  // An array: `element(reader)` for each; null reads as empty. The count cannot exceed what the
  // rest of the frame could hold at one byte an element, nor what the budget has left, so a hostile
  // count costs nothing.
  template <class Element>
  auto array(Element element) {
    std::vector<std::invoke_result_t<Element&, Reader&>> out;
    const auto count = array_size();
    if (count == 0 || !pay(count * sizeof(typename decltype(out)::value_type))) return out;
    out.reserve(count);
    for (std::size_t i = 0; i < count && ok_; ++i) out.push_back(element(*this));
    if (!ok_) out.clear();
    return out;
  }
  template <class Element>
  void each(Element element) {
    const auto count = array_size();
    for (std::size_t i = 0; i < count && ok_; ++i) element(*this);
  }
  std::vector<std::int32_t> i32_array() {
    return array([](Reader& in) { return in.i32(); });
  }

  // Reads what stands in `bytes`, a part of this frame, with another encoding and of this budget.
  // That it cannot be read is no failure of this one.
  template <class Read>
  auto inside(std::string_view bytes, Encoding encoding, Read read) {
    Reader inner(bytes, encoding);
    inner.memory_left_ = memory_left_;
    auto out = read(inner);
    memory_left_ = inner.memory_left_;
    return out;
  }

  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }
  void fail();

 private:
  // What an allocator adds to a block.
  static constexpr std::size_t kBlock = 16;

  std::string_view take(std::size_t size);
  std::size_t array_size();
  // Takes this out of the budget; fails when there is not so much.
  bool pay(std::size_t bytes);
  // A length as the encoding has it; nullopt: null.
  std::optional<std::size_t> length(std::size_t classic_bytes);

  template <class T>
  T big_endian() {
    std::make_unsigned_t<T> value = 0;
    for (const char byte : take(sizeof(T))) {
      value = static_cast<std::make_unsigned_t<T>>((std::uint64_t{value} << 8U) |
                                                   static_cast<std::uint8_t>(byte));
    }
    return static_cast<T>(value);
  }

  std::string_view rest_;
  Encoding encoding_;
  bool ok_ = true;
  std::size_t memory_left_;
};

}  // namespace plumbline::kafka
