// SPDX-License-Identifier: Apache-2.0
#include "agent/config/value.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "agent/config/quantity.h"
#include "agent/config/redact.h"
#include "agent/config/suggest.h"
#include "agent/core/fd.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

using Parsed = std::variant<FieldValue, Complaint>;

constexpr std::size_t kMaxQuoted = 60;

Parsed in_bounds(const FieldInfo& info,
                 std::string_view text,
                 const Result<std::uint64_t>& value,
                 std::string (*format)(std::uint64_t)) {
  if (!value) return Complaint{.what = value.error().what, .suggestion = {}};
  if (*value < info.min)
    return Complaint{fmt::format("{} is too small", in_quotes(text)), format(info.min)};
  if (*value > info.max)
    return Complaint{fmt::format("{} is too big", in_quotes(text)), format(info.max)};
  return FieldValue(*value);
}

std::string format_count(std::uint64_t value) {
  return fmt::to_string(value);
}

Parsed parse_duration_field(const FieldInfo& info, std::string_view text) {
  auto parsed = in_bounds(info, text, parse_duration(text), format_duration);
  auto* complaint = std::get_if<Complaint>(&parsed);
  // A bare number most often means seconds.
  if (complaint != nullptr && parse_count(text).has_value()) {
    const auto seconds = fmt::format("{}s", text);
    if (in_bounds(info, seconds, parse_duration(seconds), format_duration).index() == 0) {
      complaint->suggestion = seconds;
    }
  }
  return parsed;
}

Parsed parse_flag(std::string_view text) {
  if (text == "true") return FieldValue(true);
  if (text == "false") return FieldValue(false);
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  static constexpr std::array kYes{"true", "yes", "y", "on", "1", "enabled"};
  static constexpr std::array kNo{"false", "no", "n", "off", "0", "disabled"};
  Complaint complaint{fmt::format("{} is neither true nor false", in_quotes(text)), {}};
  if (std::find(kYes.begin(), kYes.end(), folded) != kYes.end()) complaint.suggestion = "true";
  if (std::find(kNo.begin(), kNo.end(), folded) != kNo.end()) complaint.suggestion = "false";
  return complaint;
}

Parsed parse_choice(const FieldInfo& info, std::string_view text) {
  const auto found = std::find(info.choices.begin(), info.choices.end(), text);
  if (found != info.choices.end()) {
    return FieldValue(static_cast<std::uint64_t>(found - info.choices.begin()));
  }
  const std::vector<std::string> names(info.choices.begin(), info.choices.end());
  return Complaint{fmt::format("{} is not known here", in_quotes(text)), closest(text, names)};
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  if (host.starts_with('[') && host.ends_with(']')) {
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), ignored.data()) == 1;
  }
  return host == "localhost" || inet_pton(AF_INET, host.c_str(), ignored.data()) == 1;
}

Parsed parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Complaint{fmt::format("{} has no port", in_quotes(text)),
                     is_address(std::string(text)) ? fmt::format("{}:9464", text) : ""};
  }
  const std::string host(text.substr(0, colon));
  const auto port_text = text.substr(colon + 1);
  const auto port = parse_count(port_text);
  if (!port || *port > 65535) {
    return Complaint{
        fmt::format("the port {} is not a number from 0 to 65535", in_quotes(port_text)), {}};
  }
  if (host.empty()) {
    return Complaint{fmt::format("{} has no address", in_quotes(text)),
                     fmt::format("0.0.0.0:{}", port_text)};
  }
  if (!is_address(host)) {
    const bool bare_ipv6 = is_address(fmt::format("[{}]", host));
    return Complaint{fmt::format("{} is not an IP address", in_quotes(host)),
                     bare_ipv6 ? fmt::format("[{}]:{}", host, port_text) : ""};
  }
  return FieldValue(std::string(text));
}

// A path that is not absolute may be a token that somebody put in the wrong place: not repeated.
Parsed parse_absolute_path(std::string_view text) {
  if (!text.starts_with('/')) return Complaint{"the path is not absolute", {}};
  if (text.find('\0') != std::string_view::npos) return Complaint{"the path has a zero byte", {}};
  return FieldValue(std::string(text));
}

Parsed parse_readable_file(std::string_view text) {
  auto parsed = parse_absolute_path(text);
  if (parsed.index() != 0) return parsed;
  const std::string path(text);
  // O_NONBLOCK: a FIFO without a writer must not hang the check.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const auto reason = std::generic_category().message(errno);
    return Complaint{fmt::format("cannot read {}: {}", in_quotes(text), reason), {}};
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Complaint{fmt::format("{} is not a regular file", in_quotes(text)), {}};
  }
  if (status.st_size == 0) return Complaint{fmt::format("{} is empty", in_quotes(text)), {}};
  return parsed;
}

// "collector:4317" → "grpc://collector:4317", "gprc://a" → "grpc://a".
std::string suggest_endpoint(std::string_view text) {
  static const std::vector<std::string> kSchemes{"grpc", "grpcs", "http", "https"};
  const auto separator = text.find("://");
  const auto with = [](std::string_view scheme, std::string_view rest) {
    auto url = fmt::format("{}://{}", scheme, rest);
    return parse_url(url) ? url : std::string();
  };
  if (separator == std::string_view::npos) {
    return with(text.find(":4318") == std::string_view::npos ? "grpc" : "http", text);
  }
  const auto scheme = text.substr(0, separator);
  const auto better = closest(scheme, kSchemes);
  if (better.empty() || better == scheme) return {};
  return with(better, text.substr(separator + 3));
}

Parsed parse_endpoint(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return Complaint{url.error().what, suggest_endpoint(text)};
  return FieldValue(std::string(text));
}

Parsed parse_http_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) {
    auto with_scheme = fmt::format("http://{}", text);
    const bool bare = text.find("://") == std::string_view::npos && parse_url(with_scheme);
    return Complaint{url.error().what, bare ? std::move(with_scheme) : std::string()};
  }
  if (!url->scheme.starts_with("http")) {
    return Complaint{fmt::format("{}:// is not the protocol spoken here", url->scheme),
                     fmt::format("http://{}", url->authority())};
  }
  if (url->path.find('?') != std::string::npos) {
    return Complaint{"the URL must not have a query",
                     fmt::format("{}://{}", url->scheme, url->authority())};
  }
  return FieldValue(std::string(text));
}

}  // namespace

std::string in_quotes(std::string_view text) {
  if (text.size() <= kMaxQuoted) return fmt::format("\"{}\"", text);
  auto end = kMaxQuoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return fmt::format("\"{}…\"", text.substr(0, end));
}

Parsed parse_value(const FieldInfo& info, std::string_view text) {
  switch (info.type) {
    case FieldType::kFlag:
      return parse_flag(text);
    case FieldType::kCount:
      return in_bounds(info, text, parse_count(text), format_count);
    case FieldType::kDuration:
      return parse_duration_field(info, text);
    case FieldType::kSize:
      return in_bounds(info, text, parse_size(text), format_size);
    case FieldType::kPercent:
      return in_bounds(info, text, parse_percent(text), format_percent);
    case FieldType::kChoice:
      return parse_choice(info, text);
    case FieldType::kListenAddress:
      return parse_listen_address(text);
    case FieldType::kDirectory:
      return parse_absolute_path(text);
    case FieldType::kReadableFile:
      return parse_readable_file(text);
    case FieldType::kEndpoint:
      return parse_endpoint(text);
    case FieldType::kHttpUrl:
      return parse_http_url(text);
    default:
      return FieldValue(std::string(text));
  }
}

}  // namespace plumbline
