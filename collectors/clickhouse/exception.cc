// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/exception.h"

#include <algorithm>
#include <charconv>

namespace plumbline::clickhouse {
namespace {

constexpr std::string_view kCode = "Code: ";
// Around an exception behind rows, since 24.11: a line of its own before and after.
constexpr std::string_view kFrame = "__exception__";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

Errc kind_of(Code code) {
  switch (code) {
    case Code::kUnknownIdentifier:
    case Code::kUnknownTable:
    case Code::kUnknownSetting:
    case Code::kUnknownDatabase:
      return Errc::kUnsupported;
    case Code::kTimeoutExceeded:
      return Errc::kTimeout;
    case Code::kTooManySimultaneousQueries:
    case Code::kMemoryLimitExceeded:
      return Errc::kExhausted;
    case Code::kReadonly:
    case Code::kUnknownUser:
    case Code::kWrongPassword:
    case Code::kAccessDenied:
    case Code::kAuthenticationFailed:
      return Errc::kDenied;
    case Code::kNone:
      break;
  }
  return Errc::kMalformed;
}

// The text from the line on that begins with "Code: ", past the frame of newer servers.
std::string_view find_exception(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto rest = text.substr(begin);
    if (rest.starts_with(kCode)) return rest;
    const auto end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  // Old servers write it straight behind the last row.
  const auto inside = text.find(kCode);
  const bool is_one = inside != std::string_view::npos &&
                      text.find("DB::Exception", inside) != std::string_view::npos;
  return is_one ? text.substr(inside) : std::string_view();
}

// Up to the first line break or the frame, and without what every exception ends with.
std::string_view first_sentence(std::string_view text) {
  for (const auto end : {std::string_view("\n"),
                         std::string_view(". Stack trace"),
                         std::string_view(", Stack trace"),
                         std::string_view("(version "),
                         std::string_view(", e.what()"),
                         std::string_view(" (official build)"),
                         kFrame}) {
    text = text.substr(0, std::min(text.find(end), text.size()));
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// Whether the sign at `i` is an apostrophe: doesn't, O'Neil.
bool is_apostrophe(std::string_view text, std::size_t i) {
  return i > 0 && i + 1 < text.size() && is_word(text[i - 1]) && is_word(text[i + 1]);
}

// From where on quotes cannot be told to be the first or the second of a pair.
std::size_t paired_until(std::string_view text) {
  auto end = text.size();
  for (const char quote : {'\'', '"'}) {
    std::size_t count = 0;
    std::size_t first = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') ++i;
      if (i >= text.size() || text[i] != quote || text[i - (i > 0 ? 1 : 0)] == '\\') continue;
      if (is_apostrophe(text, i)) continue;
      first = std::min(first, i);
      ++count;
    }
    if (count % 2 == 1) end = std::min(end, first);
  }
  return end;
}

// The length of the quoted text that begins at `begin`, its quotes included; 0 for none. Exceptions
// quote others that quote data, with the same sign: one behind a blank or a bracket opens a level.
// When that does not come out even the literal reaches to the end: rather too much is hidden than
// too little.
std::size_t quoted_length(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  if ((quote != '\'' && quote != '"') || is_apostrophe(text, begin)) return 0;
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    if (i >= text.size() || text[i] != quote || (i > begin && text[i - 1] == '\\')) continue;
    if (is_apostrophe(text, i)) continue;
    const bool is_open =
        i == begin || std::string_view(" ([{=,:").find(text[i - 1]) != std::string_view::npos;
    const bool is_before_text = i + 1 < text.size() && is_word(text[i + 1]);
    depth += is_open && (i == begin || is_before_text) ? 1 : -1;
    if (depth == 0) return i + 1 - begin;
  }
  return text.size() - begin;
}

// Of a number that is not part of a name, with what belongs to it: 1.5e-3, 0xff, 2024-01-31.
std::size_t number_length(std::string_view text, char before) {
  if (!is_digit(text.front()) || is_word(before)) return 0;
  std::size_t length = 0;
  while (length < text.size()) {
    const char c = text[length];
    const bool joins = (c == '.' || c == '-' || c == ':') && length + 1 < text.size() &&
                       is_digit(text[length + 1]);
    if (!is_word(c) && !joins) break;
    ++length;
  }
  return length;
}

}  // namespace

Code code_of(std::string_view text) {
  int code = 0;
  if (!text.starts_with(kCode)) return Code::kNone;
  text.remove_prefix(kCode.size());
  std::from_chars(text.data(), text.data() + text.size(), code);
  return static_cast<Code>(code);
}

std::optional<Error> exception_of(std::string_view text) {
  const auto exception = find_exception(text);
  if (exception.empty()) return std::nullopt;
  return Error{.code = kind_of(code_of(exception)), .what = normalized(exception)};
}

std::string normalized(std::string_view text, std::size_t max_bytes) {
  const auto sentence = first_sentence(text);
  const bool has_code = code_of(sentence) != Code::kNone;
  std::string out;
  const auto pairs_end = paired_until(sentence);
  // The code is the only number worth keeping.
  std::size_t i =
      has_code ? std::min(sentence.find_first_not_of("0123456789", kCode.size()), sentence.size())
               : 0;
  out.append(sentence.substr(0, i));
  while (i < sentence.size() && out.size() < max_bytes) {
    const auto rest = sentence.substr(i);
    const auto literal = i >= pairs_end
                             ? rest.size()
                             : std::max(quoted_length(sentence, i),
                                        number_length(rest, i == 0 ? ' ' : sentence[i - 1]));
    if (literal > 0) {
      out.push_back('?');
      i += literal;
      continue;
    }
    const char c = rest.front();
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
    ++i;
  }
  return out.substr(0, max_bytes);
}

}  // namespace plumbline::clickhouse
