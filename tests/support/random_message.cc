// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_message.h"

#include <google/protobuf/descriptor.h>

#include <array>
#include <bit>
#include <limits>
#include <string>

namespace plumbline {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Random = std::mt19937_64;

// Lists of lists of attributes are endless; a request has some ten levels without them.
constexpr int kDepthMax = 14;

// All magnitudes are as likely.
std::uint64_t any_bits(Random& random) {
  return random() >> (random() % 64);
}

double any_real(Random& random) {
  static constexpr std::array kSpecial{0.0,
                                       -0.0,
                                       0.1,
                                       1e300,
                                       std::numeric_limits<double>::denorm_min(),
                                       std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN()};
  if (random() % 2 == 0) return kSpecial[random() % kSpecial.size()];
  const auto value = std::bit_cast<double>(random());
  return value == value ? value : 1.5;  // one NaN is enough: its payload has no JSON
}

std::string any_text(Random& random) {
  static constexpr std::array<std::string_view, 10> kPieces{
      "a", "Z", " ", "\"", "\\", "\n", "\x01", "\x7f", "grüße", "\U0001F4CF"};
  std::string text;
  for (auto count = random() % 6; count > 0; --count) text += kPieces[random() % kPieces.size()];
  return text;
}

std::string any_bytes(Random& random, const FieldDescriptor& field) {
  const auto& name = field.name();
  auto length = random() % 10;
  if (name == "trace_id") length = 16;
  if (name == "span_id" || name == "parent_span_id") length = 8;
  std::string bytes;
  for (; length > 0; --length) bytes.push_back(static_cast<char>(random()));
  return bytes;
}

void fill(Random& random, Message& message, int depth);

void fill_field(Random& random, Message& message, const FieldDescriptor& field, int depth) {
  const auto& access = *message.GetReflection();
  const auto put = [&](auto set, auto add, const auto& value) {
    if (field.is_repeated()) {
      (access.*add)(&message, &field, value);
    } else {
      (access.*set)(&message, &field, value);
    }
  };
  using R = google::protobuf::Reflection;
  const auto bits = any_bits(random);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&R::SetInt32, &R::AddInt32, static_cast<std::int32_t>(random() >> (bits % 64)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&R::SetUInt32, &R::AddUInt32, static_cast<std::uint32_t>(bits));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&R::SetInt64, &R::AddInt64, static_cast<std::int64_t>(bits));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&R::SetUInt64, &R::AddUInt64, bits);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&R::SetDouble, &R::AddDouble, any_real(random));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&R::SetBool, &R::AddBool, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto& type = *field.enum_type();
      const auto at = static_cast<int>(random() % static_cast<unsigned>(type.value_count()));
      return put(&R::SetEnumValue, &R::AddEnumValue, type.value(at)->number());
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool is_text = field.type() == FieldDescriptor::TYPE_STRING;
      const auto value = is_text ? any_text(random) : any_bytes(random, field);
      return field.is_repeated() ? access.AddString(&message, &field, value)
                                 : access.SetString(&message, &field, value);
    }
    default:
      fill(random,
           field.is_repeated() ? *access.AddMessage(&message, &field)
                               : *access.MutableMessage(&message, &field),
           depth + 1);
  }
}

void fill(Random& random, Message& message, int depth) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.name().ends_with("strindex") || (is_message && depth > kDepthMax)) continue;
    // The upper levels hold only messages: leaving those out as often would leave little.
    if (random() % 3 == 0 && depth > 2) continue;
    const auto* choice = field.real_containing_oneof();
    if (choice != nullptr && message.GetReflection()->HasOneof(message, choice)) continue;
    auto count = field.is_repeated() ? random() % 3 : 1;
    for (; count > 0; --count) fill_field(random, message, field, depth);
  }
}

}  // namespace

void fill_at_random(Random& random, Message& message) {
  fill(random, message, 0);
}

}  // namespace plumbline
