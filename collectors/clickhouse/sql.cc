// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/sql.h"

#include <cstdint>
#include <utility>

#include "agent/http/text.h"

namespace plumbline::clickhouse {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
}

// One piece of a query and what is shown of it.
struct Token {
  enum class Kind : std::uint8_t { kBlank, kLiteral, kWord, kName, kSign };
  Kind kind = Kind::kSign;
  std::size_t length = 1;
};

using Kind = Token::Kind;

// Behind `end` when it is found from `from` on, else the whole text.
std::size_t past(std::string_view text, std::string_view end, std::size_t from) {
  const auto at = text.find(end, from);
  return at == std::string_view::npos ? text.size() : at + end.size();
}

// Of a text in quotes: a backslash or a second quote escapes.
std::size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 == text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return text.size();
}

// Of $tag$…$tag$; 0: it is none.
std::size_t heredoc_length(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  if (end >= text.size() || text[end] != '$') return 0;
  return past(text, text.substr(0, end + 1), end + 1);
}

// 1.5e-3, 0xff, 1_000, 1e5.
std::size_t number_length(std::string_view text) {
  std::size_t length = 0;
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  while (length < text.size()) {
    const char c = text[length];
    const char before = length == 0 ? ' ' : text[length - 1];
    const bool is_sign = (c == '-' || c == '+') && !is_hex && (before == 'e' || before == 'E');
    if (!is_word(c) && c != '.' && !is_sign) break;
    ++length;
  }
  return length;
}

// Of signs that no name has outside of quotes; typographic quotes are quotes too.
std::size_t foreign_length(std::string_view text) {
  constexpr std::string_view kOpen = "\u2018";
  constexpr std::string_view kClose = "\u2019";
  if (text.starts_with(kOpen)) return past(text, kClose, kOpen.size());
  std::size_t length = 1;
  while (length < text.size() && !is_ascii(text[length]) &&
         !text.substr(length).starts_with(kOpen)) {
    ++length;
  }
  return length;
}

std::size_t blank_length(std::string_view text) {
  if (text.starts_with("/*")) return past(text, "*/", 2);
  if (text.starts_with("--") || text.starts_with("#!") || text.starts_with("# ")) {
    return past(text, "\n", 1);
  }
  std::size_t length = 0;
  while (length < text.size() && is_blank(text[length])) ++length;
  return length;
}

// `text` is not empty.
Token token_at(std::string_view text) {
  if (const auto length = blank_length(text); length > 0) {
    return {.kind = Kind::kBlank, .length = length};
  }
  const char c = text.front();
  if (c == '\'') return {.kind = Kind::kLiteral, .length = quoted_length(text)};
  if (c == '"' || c == '`') return {.kind = Kind::kName, .length = quoted_length(text)};
  if (c == '$') {
    if (const auto length = heredoc_length(text); length > 0) {
      return {.kind = Kind::kLiteral, .length = length};
    }
  }
  if (is_digit(c) || (c == '.' && text.size() > 1 && is_digit(text[1]))) {
    return {.kind = Kind::kLiteral, .length = number_length(text)};
  }
  if (!is_ascii(c)) return {.kind = Kind::kLiteral, .length = foreign_length(text)};
  if (!is_word(c)) return {};
  std::size_t length = 1;
  while (length < text.size() && is_word(text[length])) ++length;
  // x'ff' and b'01' are literals too.
  if (length < text.size() && text[length] == '\'') {
    return {.kind = Kind::kLiteral, .length = length + quoted_length(text.substr(length))};
  }
  return {.kind = Kind::kWord, .length = length};
}

// Writes what is shown, with single blanks.
class Writer {
 public:
  explicit Writer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // False: it is full.
  bool add(const Token& token, std::string_view text) {
    if (token.kind == Kind::kBlank) {
      blank_ = !out_.empty();
      return true;
    }
    if (token.kind == Kind::kLiteral) text = "?";
    if (text == "?" && out_.ends_with("?,")) {  // (?, ?, ?) says no more than (?)
      out_.pop_back();
      blank_ = false;
      return true;
    }
    const auto length = text.size() + (blank_ ? 1 : 0);
    if (out_.size() + length > max_bytes_) return false;
    if (blank_ && !out_.ends_with('(') && text != ")" && text != ",") out_.push_back(' ');
    blank_ = false;
    for (const char c : text) out_.push_back(is_blank(c) ? ' ' : c);
    return true;
  }

  std::string take() && { return std::move(out_); }

 private:
  std::size_t max_bytes_;
  std::string out_;
  bool blank_ = false;
};

bool is(std::string_view word, std::string_view wanted) {
  return lower_case(word) == wanted;
}

// Whether data follow, which no token tells from the query: INSERT … VALUES data, FORMAT name data.
class DataFinder {
 public:
  bool begins_behind(const Token& token, std::string_view text) {
    if (token.kind == Kind::kBlank) return false;
    const bool is_format_name = behind_format_ && token.kind == Kind::kWord;
    behind_format_ = false;
    if (is_first_) is_insert_ = token.kind == Kind::kWord && is(text, "insert");
    is_first_ = false;
    if (!is_insert_) return false;
    if (is_format_name) return true;
    if (token.kind != Kind::kWord) return false;
    behind_format_ = is(text, "format");
    return is(text, "values");
  }

 private:
  bool is_first_ = true;
  bool is_insert_ = false;
  bool behind_format_ = false;
};

}  // namespace

std::string redacted_sql(std::string_view sql, std::size_t max_bytes) {
  Writer writer(max_bytes);
  DataFinder data;
  while (!sql.empty()) {
    const auto token = token_at(sql);
    const auto text = sql.substr(0, token.length);
    if (!writer.add(token, text)) break;
    if (data.begins_behind(token, text)) {
      writer.add({.kind = Kind::kBlank}, " ");
      writer.add({.kind = Kind::kLiteral}, "?");
      break;
    }
    sql.remove_prefix(token.length);
  }
  return std::move(writer).take();
}

}  // namespace plumbline::clickhouse
