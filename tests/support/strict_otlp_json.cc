// SPDX-License-Identifier: Apache-2.0
#include "tests/support/strict_otlp_json.h"

#include <google/protobuf/descriptor.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& place, std::string_view reason) {
  throw std::runtime_error(fmt::format("{}: {}", place, reason));
}

// A key given twice is lost in a tree, so it is looked for while the text is read.
json parse_without_duplicates(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int /*depth*/, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      refuse(value.get<std::string>(), "given twice");
    }
    return true;
  };
  return json::parse(text, watch);
}

// The digits of a 64-bit integer, in the only way to write them.
template <class Integer>
Integer integer_from_text(const json& value, const std::string& place) {
  if (!value.is_string()) refuse(place, "a 64-bit integer is not text");
  const auto text = value.get<std::string>();
  Integer number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) refuse(place, "not an integer");
  if (std::to_string(number) != text) refuse(place, "an integer with needless characters");
  return number;
}

template <class Integer>
Integer small_integer(const json& value, const std::string& place) {
  if (!value.is_number_integer()) refuse(place, "not an integer number");
  const auto number = value.get<std::int64_t>();
  if (number < std::numeric_limits<Integer>::min() ||
      number > std::numeric_limits<Integer>::max()) {
    refuse(place, "out of range");
  }
  return static_cast<Integer>(number);
}

double real_from(const json& value, const std::string& place) {
  constexpr auto kInfinity = std::numeric_limits<double>::infinity();
  if (value.is_number()) return value.get<double>();
  if (value == "NaN") return std::nan("");
  if (value == "Infinity") return kInfinity;
  if (value == "-Infinity") return -kInfinity;
  refuse(place, "not a number");
}

int digit_of(char c, std::string_view alphabet) {
  const auto at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string bytes_from_hex(const std::string& text, std::size_t length, const std::string& place) {
  if (text.size() != 2 * length) refuse(place, "an id of the wrong length");
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit_of(text[i], "0123456789abcdef");
    const auto low = digit_of(text[i + 1], "0123456789abcdef");
    if (high < 0 || low < 0) refuse(place, "an id that is not lower-case hexadecimal");
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string bytes_from_base64(std::string text, const std::string& place) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) refuse(place, "base64 without its padding");
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digit_of(c, kAlphabet);
    if (digit < 0) refuse(place, "not base64");
    bits = (bits << 6U) | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count));
    bits &= (1U << count) - 1;
  }
  return bytes;
}

std::string bytes_from(const json& value, const FieldDescriptor& field, const std::string& place) {
  if (!value.is_string()) refuse(place, "bytes that are not text");
  const auto text = value.get<std::string>();
  if (field.name() == "trace_id") return bytes_from_hex(text, 16, place);
  if (field.name() == "span_id") return bytes_from_hex(text, 8, place);
  if (field.name() == "parent_span_id") {
    return text.empty() ? std::string() : bytes_from_hex(text, 8, place);
  }
  return bytes_from_base64(text, place);
}

int enumeration_from(const json& value, const FieldDescriptor& field, const std::string& place) {
  if (!value.is_number_integer()) refuse(place, "an enumeration that is not a number");
  const auto number = value.get<int>();
  if (field.enum_type()->FindValueByNumber(number) == nullptr) {
    refuse(place, "an enumeration without this value");
  }
  return number;
}

void read_message(const json& object, Message& message, const std::string& place);

// Sets the field, or adds to it when it is repeated.
void read_value(const json& value,
                const FieldDescriptor& field,
                Message& message,
                const std::string& place) {
  const auto& access = *message.GetReflection();
  const auto put = [&](auto set, auto add, const auto& read) {
    if (field.is_repeated()) {
      (access.*add)(&message, &field, read);
    } else {
      (access.*set)(&message, &field, read);
    }
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&R::SetInt32, &R::AddInt32, small_integer<std::int32_t>(value, place));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&R::SetUInt32, &R::AddUInt32, small_integer<std::uint32_t>(value, place));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&R::SetInt64, &R::AddInt64, integer_from_text<std::int64_t>(value, place));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&R::SetUInt64, &R::AddUInt64, integer_from_text<std::uint64_t>(value, place));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&R::SetDouble, &R::AddDouble, real_from(value, place));
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!value.is_boolean()) refuse(place, "not true or false");
      return put(&R::SetBool, &R::AddBool, value.get<bool>());
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&R::SetEnumValue, &R::AddEnumValue, enumeration_from(value, field, place));
    case FieldDescriptor::CPPTYPE_STRING: {
      if (!value.is_string()) refuse(place, "not text");
      const bool is_text = field.type() == FieldDescriptor::TYPE_STRING;
      const auto read = is_text ? value.get<std::string>() : bytes_from(value, field, place);
      return field.is_repeated() ? access.AddString(&message, &field, read)
                                 : access.SetString(&message, &field, read);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return read_message(value,
                          field.is_repeated() ? *access.AddMessage(&message, &field)
                                              : *access.MutableMessage(&message, &field),
                          place);
    default:
      refuse(place, "a type that OTLP does not have");
  }
}

void read_message(const json& object, Message& message, const std::string& place) {
  if (!object.is_object()) refuse(place, "not an object");
  const auto& type = *message.GetDescriptor();
  for (const auto& [key, value] : object.items()) {
    const auto at = place + "." + key;
    const FieldDescriptor* field = nullptr;
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->json_name() == key) field = type.field(i);
    }
    if (field == nullptr) refuse(at, "no such key");
    const auto* choice = field->real_containing_oneof();
    if (choice != nullptr && message.GetReflection()->HasOneof(message, choice)) {
      refuse(at, "a second value where there is one");
    }
    if (!field->is_repeated()) {
      read_value(value, *field, message, at);
      continue;
    }
    if (!value.is_array()) refuse(at, "not a list");
    for (const auto& element : value) read_value(element, *field, message, at);
  }
}

}  // namespace

std::string read_strict_otlp_json(std::string_view text, Message& message) try {
  read_message(parse_without_duplicates(text), message, "");
  return "";
} catch (const std::exception& error) {
  return error.what();
}

}  // namespace plumbline
