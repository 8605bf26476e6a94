// SPDX-License-Identifier: Apache-2.0
//
// Protobuf wire format for a writer that has counted its bytes before it writes them: every
// function takes the place to write to and returns the place behind. No bounds are checked here.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plumbline::wire {

static_assert(std::endian::native == std::endian::little,
              "fixed-width fields are copied as they lie");

enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2 };

// A field's tag as it lies on the wire; all fields here have numbers below 16, so it is one byte.
constexpr char tag(unsigned field, Type type) {
  return static_cast<char>((field << 3U) | static_cast<unsigned>(type));
}

// Seven bits a byte, at least one: ceil(bits / 7), without dividing, for 1 to 64 bits.
constexpr std::size_t varint_length(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) * 9 + 64) / 64;
}

// The bytes of a field that holds `length` bytes: tag, length, content.
constexpr std::size_t field_length(std::size_t length) {
  return 1 + varint_length(length) + length;
}

constexpr std::uint32_t zigzag(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1U) ^ static_cast<std::uint32_t>(value >> 31);
}

inline char* put_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  *out++ = static_cast<char>(value);
  return out;
}

// The attributes of most points are 32 to 256 bytes, which these steps copy without a call. The
// last step goes over bytes that the one before it has written.
inline char* put_bytes(char* out, std::string_view bytes) {
  constexpr std::size_t kStep = 16;
  const auto size = bytes.size();
  if (size < kStep || size > 16 * kStep) {
    std::memcpy(out, bytes.data(), size);
    return out + size;
  }
  const auto last = size - kStep;
  for (std::size_t at = 0; at < last; at += kStep) std::memcpy(out + at, bytes.data() + at, kStep);
  std::memcpy(out + last, bytes.data() + last, kStep);
  return out + size;
}

inline char* put_varint_field(char* out, unsigned field, std::uint64_t value) {
  *out++ = tag(field, Type::kVarint);
  return put_varint(out, value);
}

// The head of a length-delimited field; its content follows.
inline char* put_length(char* out, unsigned field, std::size_t length) {
  *out++ = tag(field, Type::kLength);
  return put_varint(out, length);
}

inline char* put_bytes_field(char* out, unsigned field, std::string_view bytes) {
  return put_bytes(put_length(out, field, bytes.size()), bytes);
}

// fixed64, sfixed64 and double: any 8 bytes.
template <class T>
char* put_fixed64_field(char* out, unsigned field, T value) {
  static_assert(sizeof(T) == 8);
  *out++ = tag(field, Type::kFixed64);
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}
inline constexpr std::size_t kFixed64FieldLength = 9;

}  // namespace plumbline::wire
