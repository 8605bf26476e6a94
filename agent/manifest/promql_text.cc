// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/promql_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace plumbline {
namespace {

enum class Kind : std::uint8_t { kWord, kText, kMark };

struct Token {
  Kind kind{};
  std::size_t at = 0;
  std::size_t length = 0;
};

bool begins_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}
bool in_word(char c) {
  return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// The end of the text that begins with a quote at `at`; npos when it does not end.
std::size_t end_of_text(std::string_view query, std::size_t at) {
  const char quote = query[at];
  for (auto i = at + 1; i < query.size(); ++i) {
    if (query[i] == '\\' && quote != '`') {
      ++i;
    } else if (query[i] == quote) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Words, texts and single characters; a number is a word that begins with a digit.
std::vector<Token> tokens_of(std::string_view query) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < query.size();) {
    const char c = query[i];
    auto end = i + 1;
    auto kind = Kind::kMark;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
      continue;
    }
    if (c == '"' || c == '\'' || c == '`') {
      end = std::min(end_of_text(query, i), query.size());
      kind = Kind::kText;
    } else if (in_word(c)) {
      while (end < query.size() && in_word(query[end])) ++end;
      kind = Kind::kWord;
    }
    tokens.push_back({kind, i, end - i});
    i = end;
  }
  return tokens;
}

constexpr std::array<std::string_view, 14> kOperators{"and",
                                                      "or",
                                                      "unless",
                                                      "on",
                                                      "ignoring",
                                                      "by",
                                                      "without",
                                                      "bool",
                                                      "offset",
                                                      "group_left",
                                                      "group_right",
                                                      "atan2",
                                                      "inf",
                                                      "nan"};
// Those that have labels in brackets behind them.
constexpr std::array<std::string_view, 6> kTakesLabels{
    "on", "ignoring", "by", "without", "group_left", "group_right"};

template <std::size_t N>
bool is_among(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

struct Words {
  std::vector<std::string> functions;
  std::vector<std::string> metrics;
};

Words words_of(std::string_view query) {
  Words words;
  const auto tokens = tokens_of(query);
  const auto text = [&](std::size_t i) {
    return i < tokens.size() ? query.substr(tokens[i].at, tokens[i].length) : std::string_view();
  };
  int inside = 0;  // braces and square brackets
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto word = text(i);
    if (word == "{" || word == "[") ++inside;
    if (word == "}" || word == "]") --inside;
    const bool is_word = tokens[i].kind == Kind::kWord && begins_word(word.front());
    if (!is_word || inside > 0 || (i > 0 && text(i - 1) == "$")) continue;
    if (is_among(word, kTakesLabels)) {
      if (text(i + 1) == "(") {
        while (i + 1 < tokens.size() && text(i) != ")") ++i;
      }
    } else if (is_among(word, kOperators)) {
      continue;
    } else if (text(i + 1) == "(" || text(i + 1) == "by" || text(i + 1) == "without") {
      words.functions.emplace_back(word);
    } else {
      words.metrics.emplace_back(word);
    }
  }
  return words;
}

}  // namespace

std::string promql_complaint(std::string_view query) {
  if (query.empty()) return "the query is empty";
  if (query.find('#') != std::string_view::npos) return "a query here has no comments";
  std::string open;
  for (const auto& token : tokens_of(query)) {
    const char c = query[token.at];
    if (token.kind == Kind::kText && end_of_text(query, token.at) == std::string_view::npos) {
      return "a quote is not closed";
    }
    if (token.kind != Kind::kMark) continue;
    if (c == '(') open += ')';
    if (c == '[') open += ']';
    if (c == '{') open += '}';
    if (c != ')' && c != ']' && c != '}') continue;
    if (open.empty() || open.back() != c) return std::string("a bracket too many: ") + c;
    open.pop_back();
  }
  return open.empty() ? std::string() : std::string("a bracket is missing: ") + open.back();
}

std::vector<std::string> promql_functions(std::string_view query) {
  return words_of(query).functions;
}

std::vector<std::string> promql_metrics(std::string_view query) {
  return words_of(query).metrics;
}

bool is_selector(std::string_view query) {
  const auto tokens = tokens_of(query);
  if (tokens.empty() || tokens.front().kind != Kind::kWord || !begins_word(query[tokens[0].at])) {
    return false;
  }
  if (tokens.size() == 1) return true;
  const auto mark = [&](const Token& token) {
    return token.kind == Kind::kMark ? query[token.at] : ' ';
  };
  if (mark(tokens[1]) != '{' || mark(tokens.back()) != '}') return false;
  return std::none_of(tokens.begin() + 2, tokens.end() - 1, [&](const Token& token) {
    return mark(token) == '{' || mark(token) == '}';
  });
}

std::string with_window(std::string query) {
  const auto tokens = tokens_of(query);
  for (auto close = tokens.rbegin(); close != tokens.rend(); ++close) {
    if (close->kind != Kind::kMark || query[close->at] != ']') continue;
    auto open = close;
    bool is_subquery = false;
    while (open != tokens.rend() && (open->kind != Kind::kMark || query[open->at] != '[')) {
      is_subquery = is_subquery || (open->kind == Kind::kMark && query[open->at] == ':');
      ++open;
    }
    if (open == tokens.rend()) return query;
    if (!is_subquery) {
      query.replace(open->at + 1, close->at - open->at - 1, std::string(kWindowPlace));
    }
    close = open;
  }
  return query;
}

std::string rates_as_increases(std::string query) {
  const auto tokens = tokens_of(query);
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    const bool is_call = token != tokens.rbegin() && query[(token - 1)->at] == '(';
    if (is_call && query.substr(token->at, token->length) == "rate") {
      query.replace(token->at, token->length, "increase");
    }
  }
  return query;
}

}  // namespace plumbline
