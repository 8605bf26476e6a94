// SPDX-License-Identifier: Apache-2.0
#include "agent/config/redact.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "agent/config/suggest.h"

namespace plumbline {
namespace {

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

// A path is no secret: "bearer_token_file: /run/token".
bool is_path(std::string_view value) {
  const auto first = value.find_first_not_of(" \"'");
  return first != std::string_view::npos && value[first] == '/';
}

// "headers", or a slip of the finger.
bool names_headers(std::string_view key) {
  return key.find("header") != std::string_view::npos || edit_distance(key, "headers") <= 2;
}

// One "key:" or "key=" on a line.
struct Key {
  std::size_t begin = 0;
  std::size_t separator = 0;
  std::string name;  // in lower case
};

// The next word from `from` on that is followed by '=' or ':' (but not "://", which makes it a
// scheme). In an argument ("otlp.0.headers.x y=z") that is all of the line before the '='.
std::optional<Key> next_key(std::string_view line, std::size_t from) {
  for (auto i = line.find_first_of(":=", from); i != std::string_view::npos;
       i = line.find_first_of(":=", i + 1)) {
    if (line.substr(i + 1, 2) == "//") continue;
    auto end = i;
    while (end > from && (line[end - 1] == ' ' || line[end - 1] == '"' || line[end - 1] == '\'')) {
      --end;
    }
    auto begin = end;
    while (begin > from && (line[i] == '=' || is_key_character(line[begin - 1]))) --begin;
    if (begin < end) return Key{begin, i, lower(line.substr(begin, end - begin))};
  }
  return std::nullopt;
}

void mask(std::string& line, std::size_t from) {
  for (auto i = from; i < line.size(); ++i) {
    if (line[i] != ' ' && line[i] != '\r') line[i] = '*';
  }
}

void mask_url_password(std::string& line) {
  for (auto scheme = line.find("://"); scheme != std::string::npos;
       scheme = line.find("://", scheme + 3)) {
    const auto end = line.find_first_of("/ \t,]}#?", scheme + 3);
    const auto authority = std::string_view(line).substr(scheme + 3, end - scheme - 3);
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) continue;
    for (std::size_t i = 0; i < at; ++i) line[scheme + 3 + i] = '*';
  }
}

// Follows the lines of a text and knows whether it is below a "headers" key: what is indented
// deeper belongs to it.
class HeaderTracker {
 public:
  // Where the part of the line to be masked begins; npos: nowhere.
  std::size_t secret_from(std::string_view line) {
    const auto indent = line.find_first_not_of(" \t-");
    if (indent == std::string_view::npos || line[indent] == '#') {
      return inside_ ? first_value(line) : std::string_view::npos;
    }
    if (inside_ && indent > indent_) return first_value(line);
    inside_ = false;
    for (auto key = next_key(line, 0); key; key = next_key(line, key->separator + 1)) {
      const auto value = key->separator + 1;
      if (is_path(line.substr(value))) continue;
      if (names_headers(key->name)) {
        inside_ = true;
        // In a flow mapping the lines that follow are deeper than the line, not than the key.
        indent_ = key->begin <= indent + 1 ? indent : line.find_first_not_of(" \t");
        return value;
      }
      if (sounds_secret(key->name)) return value;
    }
    return std::string_view::npos;
  }

 private:
  // After the key of a header; all of a line that has none (a value that goes on).
  static std::size_t first_value(std::string_view line) {
    const auto separator = line.find(':');
    return separator == std::string_view::npos ? 0 : separator + 1;
  }

  bool inside_ = false;
  std::size_t indent_ = 0;
};

}  // namespace

bool sounds_secret(std::string_view name) {
  static constexpr std::array kWords{"authorization",
                                     "token",
                                     "password",
                                     "passwd",
                                     "secret",
                                     "api-key",
                                     "apikey",
                                     "api_key",
                                     "cookie",
                                     "bearer"};
  const auto key = lower(name);
  return std::any_of(kWords.begin(), kWords.end(), [&](const char* word) {
    return key.find(word) != std::string::npos;
  });
}

std::string redacted_line(std::string_view text, std::size_t number) {
  HeaderTracker tracker;
  for (std::size_t line = 1;; ++line) {
    const auto end = text.find('\n');
    const auto current = text.substr(0, end);
    const auto from = tracker.secret_from(current);
    if (line == number) {
      std::string out(current);
      if (from != std::string_view::npos) mask(out, from);
      mask_url_password(out);
      return out;
    }
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
}

std::string redacted_url(std::string_view url) {
  std::string out(url.substr(0, url.find_first_of("?#")));
  const auto scheme = out.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto authority_end = std::min(out.find('/', begin), out.size());
  const auto at = out.rfind('@', authority_end);
  if (at != std::string::npos && at >= begin) out.erase(begin, at + 1 - begin);
  return out;
}

std::map<std::string, std::string> redacted(const std::map<std::string, std::string>& headers) {
  auto out = headers;
  for (auto& [name, value] : out) value = kRedacted;
  return out;
}

}  // namespace plumbline
