// SPDX-License-Identifier: Apache-2.0
#include "agent/core/span.h"

#include "agent/core/event.h"

namespace plumbline {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// The value of a digit, upper case too; 16 for none.
unsigned digit_value(char c) {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const auto at = kDigits.find(c);
  return at == std::string_view::npos ? 16U : static_cast<unsigned>(at);
}

std::size_t footprint(const Subject& subject) {
  return subject.group.size();
}

}  // namespace

template <std::size_t kBytes>
std::string TraceBytes<kBytes>::hex() const {
  std::string out;
  out.reserve(2 * kBytes);
  for (const unsigned byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0xfU]);
  }
  return out;
}

template <std::size_t kBytes>
std::optional<TraceBytes<kBytes>> TraceBytes<kBytes>::from_hex(std::string_view text) {
  if (text.size() != 2 * kBytes) return std::nullopt;
  TraceBytes out;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const auto high = digit_value(text[2 * i]);
    const auto low = digit_value(text[2 * i + 1]);
    if (high > 15 || low > 15) return std::nullopt;
    out.bytes.at(i) = static_cast<std::uint8_t>((high << 4U) | low);
  }
  return out ? std::optional(out) : std::nullopt;
}

template struct TraceBytes<16>;
template struct TraceBytes<8>;

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  // Version ff is forbidden; later ones may add fields behind the flags.
  constexpr std::size_t kLength = 55;
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  const bool is_first = text.starts_with("00");
  if (text.starts_with("ff") || digit_value(text[0]) > 15 || digit_value(text[1]) > 15) {
    return std::nullopt;
  }
  if (text.size() > kLength && (is_first || text[kLength] != '-')) return std::nullopt;
  const auto trace = TraceId::from_hex(text.substr(3, 32));
  const auto span = SpanId::from_hex(text.substr(36, 16));
  const auto flags = digit_value(text[54]);
  if (!trace || !span || digit_value(text[53]) > 15 || flags > 15) return std::nullopt;
  return TraceContext{.trace = *trace, .span = *span, .sampled = (flags & 1U) != 0};
}

std::size_t footprint(const Fields& fields) {
  std::size_t bytes = fields.size() * sizeof(Fields::value_type);
  for (const auto& [key, value] : fields) {
    bytes += key.size();
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

std::size_t footprint(const Span& span) {
  auto bytes = sizeof(Span) + span.trace_state.size() + span.name.size() +
               span.status_message.size() + footprint(span.attributes) + footprint(span.subject);
  for (const auto& event : span.events) {
    bytes += sizeof(SpanEvent) + event.name.size() + footprint(event.attributes);
  }
  for (const auto& link : span.links) bytes += sizeof(SpanLink) + footprint(link.attributes);
  return bytes;
}

std::size_t footprint(const Event& event) {
  return sizeof(Event) + event.name.size() + event.body.size() + footprint(event.attributes) +
         footprint(event.subject);
}

}  // namespace plumbline
