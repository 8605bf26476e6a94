// SPDX-License-Identifier: Apache-2.0
#include "agent/core/series.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <new>

#include <protozero/pbf_writer.hpp>

namespace plumbline {
namespace {

// Series that are not asked for any more, beyond as many as are: a table that has more of them
// forgets sooner.
constexpr std::size_t kMostIdle = 1'000;

// Field numbers of opentelemetry.proto.common.v1 and metrics.v1.
constexpr protozero::pbf_tag_type kNumberPointAttributes = 7;
constexpr protozero::pbf_tag_type kExponentialPointAttributes = 1;
constexpr protozero::pbf_tag_type kKeyValueKey = 1;
constexpr protozero::pbf_tag_type kKeyValueValue = 2;
constexpr protozero::pbf_tag_type kAnyValueString = 1;
constexpr protozero::pbf_tag_type kAnyValueBool = 2;
constexpr protozero::pbf_tag_type kAnyValueInt = 3;

constexpr std::string_view kOverflowKey = "otel.metric.overflow";

protozero::pbf_tag_type attributes_tag(const MetricSpec& spec) {
  return spec.instrument == Instrument::kHistogram ? kExponentialPointAttributes
                                                   : kNumberPointAttributes;
}

std::string to_text(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return valid_utf8(*text);
  return std::to_string(std::get<std::int64_t>(value));
}

void encode_attribute(protozero::pbf_writer& point,
                      protozero::pbf_tag_type tag,
                      std::string_view key,
                      const AttributeValue& value,
                      const std::string& text) {
  protozero::pbf_writer pair(point, tag);
  pair.add_string(kKeyValueKey, key.data(), key.size());
  protozero::pbf_writer any(pair, kKeyValueValue);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    any.add_int64(kAnyValueInt, *number);
  } else {
    any.add_string(kAnyValueString, text);
  }
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
  return hash * 0xff51afd7ed558ccdU;
}

std::uint64_t hash_of(const MetricSpec& spec, std::span<const AttributeValue> values) {
  auto hash = mix(0, reinterpret_cast<std::uintptr_t>(&spec));
  for (const auto& value : values) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      hash = mix(hash, std::hash<std::string_view>{}(*text));
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      hash = mix(hash, static_cast<std::uint64_t>(*number));
    } else {
      hash = mix(hash, 1);
    }
  }
  return hash;
}

bool same_value(const AttributeValue& value, std::string_view text) {
  if (const auto* wanted = std::get_if<std::string_view>(&value)) return *wanted == text;
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && number == std::get<std::int64_t>(value);
}

bool same_series(const Series& series,
                 const MetricSpec& spec,
                 std::span<const AttributeValue> values) {
  if (&series.spec() != &spec) return false;
  const auto attributes = series.attributes();
  auto stored = attributes.begin();
  const auto end = attributes.end();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::holds_alternative<std::monostate>(values[i])) continue;
    if (stored == end || stored->first != spec.attributes[i]) return false;
    if (!same_value(values[i], stored->second)) return false;
    ++stored;
  }
  return stored == end;
}

// Length of the valid UTF-8 sequence that starts at `text`, 0 where there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const auto second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool too_large = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) {
      out.append("\xEF\xBF\xBD");
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

Series::Series(const MetricSpec& spec, UnixNanos start, std::string_view otlp)
    : spec_(&spec),
      start_(start),
      hash_(mix(std::hash<std::string_view>{}(otlp), reinterpret_cast<std::uintptr_t>(&spec))),
      otlp_size_(static_cast<std::uint32_t>(otlp.size())) {}

SeriesRef Series::place(const MetricSpec& spec,
                        UnixNanos start,
                        std::string_view otlp,
                        std::string_view texts) {
  void* memory = ::operator new(sizeof(Series) + otlp.size() + texts.size());
  auto* behind = static_cast<char*>(memory) + sizeof(Series);
  std::copy(texts.begin(), texts.end(), std::copy(otlp.begin(), otlp.end(), behind));
  return {new (memory) Series(spec, start, otlp)};
}

void Series::remove(const Series* series) {
  series->~Series();
  ::operator delete(const_cast<Series*>(series));
}

SeriesRef Series::make(const MetricSpec& spec,
                       std::span<const AttributeValue> values,
                       UnixNanos start) {
  const auto tag = attributes_tag(spec);
  std::string otlp;
  std::string texts;
  protozero::pbf_writer point(otlp);
  const auto count = std::min(values.size(), spec.attributes.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (std::holds_alternative<std::monostate>(values[i])) continue;
    const auto text = to_text(values[i]);
    encode_attribute(point, tag, spec.attributes[i], values[i], text);
    if (std::holds_alternative<std::int64_t>(values[i])) texts.append(text).push_back('\0');
  }
  return place(spec, start, otlp, texts);
}

namespace {

// Of a length that this file wrote.
std::size_t get_length(const char*& at) {
  std::size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    length |= std::size_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return length;
  }
}

std::string_view get_text(const char*& at) {
  ++at;  // its tag
  const auto length = get_length(at);
  at += length;
  return {at - length, length};
}

}  // namespace

SeriesAttributes::Iterator& SeriesAttributes::Iterator::operator++() {
  at_ = next_;
  if (at_ == end_) return *this;
  const char* in = at_ + 1;  // behind the tag of the pair
  const auto length = get_length(in);
  next_ = in + length;
  current_.first = get_text(in);
  ++in;  // the tag of the value
  get_length(in);
  const auto kind = static_cast<unsigned char>(*in) >> 3U;
  if (kind == kAnyValueString) {
    current_.second = get_text(in);
  } else if (kind == kAnyValueInt) {
    current_.second = text_;
    text_ += current_.second.size() + 1;
  } else {
    current_.second = "true";  // the only truth value there is, see make_overflow_series
  }
  return *this;
}

SeriesRef make_overflow_series(const MetricSpec& spec, UnixNanos start, std::string_view others) {
  std::string otlp;
  protozero::pbf_writer point(otlp);
  {
    protozero::pbf_writer pair(point, attributes_tag(spec));
    pair.add_string(kKeyValueKey, kOverflowKey.data(), kOverflowKey.size());
    protozero::pbf_writer any(pair, kKeyValueValue);
    any.add_bool(kAnyValueBool, true);
  }
  if (!others.empty()) {
    encode_attribute(point, attributes_tag(spec), others, kOthers, std::string(kOthers));
  }
  return Series::place(spec, spec.instrument == Instrument::kGauge ? 0 : start, otlp, {});
}

SeriesRef with_start(const Series& series, UnixNanos start) {
  const auto attributes = series.attributes();
  auto at = attributes.begin();
  const char* texts = series.bytes() + series.otlp_size_;
  while (at != attributes.end()) ++at;
  const auto length = static_cast<std::size_t>(at.text_ - texts);
  return Series::place(series.spec(), start, series.otlp_attributes(), {texts, length});
}

const SeriesRef& SeriesTable::get_since(UnixNanos start,
                                        const MetricSpec& spec,
                                        std::initializer_list<AttributeValue> values) {
  const std::span wanted(values.begin(), values.size());
  const auto hash = hash_of(spec, wanted);
  const auto [first, last] = entries_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (!same_series(*it->second.series, spec, wanted)) continue;
    it->second.last_used = now_;
    return it->second.series;
  }
  const auto since = spec.instrument == Instrument::kGauge ? 0 : start;
  const auto made =
      entries_.emplace(hash, Entry{.series = Series::make(spec, wanted, since), .last_used = now_});
  return made->second.series;
}

void SeriesTable::sweep() {
  for (auto keep = kIdleSweeps; keep > 0; keep /= 2) {
    std::size_t idle = 0;
    std::erase_if(entries_, [&](const auto& entry) {
      const auto age = now_ - entry.second.last_used;
      if (age > 0 && age < keep) ++idle;
      return age >= keep;
    });
    if (idle <= kMostIdle || idle <= entries_.size() / 2) break;
  }
  ++now_;
}

}  // namespace plumbline
