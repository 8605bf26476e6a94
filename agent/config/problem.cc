// SPDX-License-Identifier: Apache-2.0
#include "agent/config/problem.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "agent/config/redact.h"
#include "agent/core/log.h"
#include "agent/core/series.h"

namespace plumbline {
namespace {

// Longer lines are cut around the caret: a minified file must not fill the screen.
constexpr std::size_t kMaxLineBytes = 160;
constexpr std::size_t kBytesBeforeCaret = 60;

struct Paint {
  Colour colour;

  std::string operator()(std::string_view code, std::string_view text) const {
    if (colour == Colour::kOff) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
};

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

// What one terminal column shows of the line: tabs and other controls become one space each, so
// that the caret stands where it should.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

struct Excerpt {
  std::string text;
  std::size_t column;  // 0-based, in bytes of `text`
};

Excerpt excerpt(const Problem& problem) {
  auto line = printable(redacted_line(problem.source->text, problem.at.line));
  auto column = std::min(problem.at.column - 1, line.size());
  if (line.size() > kMaxLineBytes) {
    auto first = column > kBytesBeforeCaret ? column - kBytesBeforeCaret : 0;
    while (first > 0 && continues_character(line[first])) --first;
    auto last = std::min(line.size(), first + kMaxLineBytes);
    while (last < line.size() && continues_character(line[last])) ++last;
    const bool cut_end = last < line.size();
    line = line.substr(first, last - first) + (cut_end ? "…" : "");
    column -= first;
    if (first > 0) {
      line.insert(0, "…");
      column += std::string_view("…").size();
    }
  }
  return {std::move(line), column};
}

std::string caret_line(const Excerpt& shown, std::size_t length) {
  const auto before = characters(std::string_view(shown.text).substr(0, shown.column));
  const auto marked = characters(std::string_view(shown.text).substr(shown.column, length));
  return std::string(before, ' ') + '^' + std::string(marked > 1 ? marked - 1 : 0, '~');
}

}  // namespace

void sort_problems(std::vector<Problem>& problems) {
  const auto key = [](const Problem& p) {
    return std::tuple(p.source->kind, p.source->kind == Source::Kind::kFile ? p.at : Position{});
  };
  std::stable_sort(problems.begin(), problems.end(), [&](const Problem& a, const Problem& b) {
    return key(a) < key(b);
  });
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Severity::kError;
  });
}

std::string location(const Problem& problem) {
  const auto& source = *problem.source;
  if (source.kind == Source::Kind::kArgument || problem.at.line == 0) return source.name;
  return fmt::format("{}:{}:{}", source.name, problem.at.line, problem.at.column);
}

std::string render(const Problem& problem, Colour colour) {
  const Paint paint{colour};
  const bool is_error = problem.severity == Severity::kError;
  auto out = fmt::format("{}: {} {}\n",
                         paint("1", escape_line(location(problem))),
                         paint(is_error ? "1;31" : "1;33", is_error ? "error:" : "warning:"),
                         paint("1", escape_line(problem.what)));
  std::string margin = "  ";
  if (problem.at.line > 0) {
    const auto shown = excerpt(problem);
    const auto number = problem.source->kind == Source::Kind::kFile
                            ? fmt::format("{:4}", problem.at.line)
                            : std::string(4, ' ');
    margin = std::string(number.size() + 1, ' ');
    out += fmt::format("{} | {}\n", number, shown.text);
    out += fmt::format("{}| {}\n", margin, paint("1;32", caret_line(shown, problem.length)));
  }
  if (!problem.expected.empty()) {
    out += fmt::format("{}= expected {}\n", margin, escape_line(problem.expected));
  }
  if (!problem.suggestion.empty()) {
    out += fmt::format("{}= did you mean \"{}\"?\n", margin, escape_line(problem.suggestion));
  }
  return valid_utf8(out);  // arguments are bytes
}

std::string render(const std::vector<Problem>& problems, Colour colour) {
  std::string out;
  for (const auto& problem : problems) out += render(problem, colour);
  return out;
}

}  // namespace plumbline
