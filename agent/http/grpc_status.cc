// SPDX-License-Identifier: Apache-2.0
#include "agent/http/grpc_status.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

namespace plumbline {
namespace {

constexpr std::array<std::string_view, 17> kNames{"OK",
                                                  "CANCELLED",
                                                  "UNKNOWN",
                                                  "INVALID_ARGUMENT",
                                                  "DEADLINE_EXCEEDED",
                                                  "NOT_FOUND",
                                                  "ALREADY_EXISTS",
                                                  "PERMISSION_DENIED",
                                                  "RESOURCE_EXHAUSTED",
                                                  "FAILED_PRECONDITION",
                                                  "ABORTED",
                                                  "OUT_OF_RANGE",
                                                  "UNIMPLEMENTED",
                                                  "INTERNAL",
                                                  "UNAVAILABLE",
                                                  "DATA_LOSS",
                                                  "UNAUTHENTICATED"};

constexpr std::int64_t kYearSeconds = 365LL * 24 * 3600;

std::chrono::nanoseconds decode_duration(protozero::pbf_reader message) {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  while (message.next()) {
    if (message.tag_and_type() == protozero::tag_and_type(1, protozero::pbf_wire_type::varint)) {
      seconds = message.get_int64();
    } else if (message.tag_and_type() ==
               protozero::tag_and_type(2, protozero::pbf_wire_type::varint)) {
      nanos = message.get_int32();
    } else {
      message.skip();
    }
  }
  const std::chrono::nanoseconds delay =
      std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kYearSeconds)) +
      std::chrono::nanoseconds(nanos);
  return std::max(delay, std::chrono::nanoseconds(0));
}

std::chrono::nanoseconds decode_retry_info(protozero::pbf_reader message) {
  std::chrono::nanoseconds delay{0};
  while (message.next(1, protozero::pbf_wire_type::length_delimited)) {
    delay = decode_duration(message.get_message());
  }
  return delay;
}

// google.protobuf.Any that may hold a RetryInfo.
std::optional<std::chrono::nanoseconds> decode_detail(protozero::pbf_reader message) {
  std::string_view type;
  protozero::data_view value;
  while (message.next()) {
    if (message.tag_and_type() ==
        protozero::tag_and_type(1, protozero::pbf_wire_type::length_delimited)) {
      const auto view = message.get_view();
      type = {view.data(), view.size()};
    } else if (message.tag_and_type() ==
               protozero::tag_and_type(2, protozero::pbf_wire_type::length_delimited)) {
      value = message.get_view();
    } else {
      message.skip();
    }
  }
  if (!type.ends_with("/google.rpc.RetryInfo")) return std::nullopt;
  return decode_retry_info(protozero::pbf_reader(value));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::string_view to_string(GrpcCode code) {
  return kNames.at(static_cast<std::size_t>(code));
}

GrpcCode parse_grpc_code(std::string_view text) {
  unsigned code = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (problem != std::errc{} || end != text.data() + text.size() || code >= kNames.size()) {
    return GrpcCode::kUnknown;
  }
  return static_cast<GrpcCode>(code);
}

GrpcCode grpc_code_of_http(int status) {
  switch (status) {
    case 400:
      return GrpcCode::kInternal;
    case 401:
      return GrpcCode::kUnauthenticated;
    case 403:
      return GrpcCode::kPermissionDenied;
    case 404:
      return GrpcCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcCode::kUnavailable;
    default:
      return GrpcCode::kUnknown;
  }
}

Result<RpcStatus> decode_rpc_status(std::string_view bytes) {
  RpcStatus status;
  try {
    protozero::pbf_reader message(bytes.data(), bytes.size());
    while (message.next()) {
      if (message.tag_and_type() ==
          protozero::tag_and_type(2, protozero::pbf_wire_type::length_delimited)) {
        status.message = message.get_string();
      } else if (message.tag_and_type() ==
                 protozero::tag_and_type(3, protozero::pbf_wire_type::length_delimited)) {
        if (const auto delay = decode_detail(message.get_message())) status.retry_delay = delay;
      } else {
        message.skip();
      }
    }
  } catch (const protozero::exception& problem) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("not a google.rpc.Status message: {}", problem.what())};
  }
  return status;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  int held = 0;  // how many bits of `bits` are not written yet
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU));
    }
  }
  return out;
}

}  // namespace plumbline
