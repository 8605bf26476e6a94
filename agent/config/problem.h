// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with an input that a person wrote, told so that they can mend it: where, what,
// what was expected, and what they may have meant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// 1-based; {0, 0} is the source as a whole. Columns count bytes.
struct Position {
  std::size_t line = 0;
  std::size_t column = 0;

  auto operator<=>(const Position&) const = default;
};

// Text that can be pointed into: a file, or one argument of the command line.
struct Source {
  enum class Kind : std::uint8_t { kFile, kArgument };

  Kind kind = Kind::kFile;
  std::string name;  // path, "--set", "OTEL_RESOURCE_ATTRIBUTES"
  std::string text;
};

enum class Severity : std::uint8_t {
  kError,    // the input cannot be used
  kWarning,  // it can, but it is probably not what was meant
};

struct Problem {
  Severity severity = Severity::kError;
  std::shared_ptr<const Source> source;
  Position at;
  std::size_t length = 1;  // bytes to underline
  std::string what;        // `unknown key "intervall"`; no secrets
  std::string expected;    // `a duration such as 10s`; may be empty
  std::string suggestion;  // what replaces the underlined text; may be empty
};

// Nobody mends more at once, and telling each costs a walk through the text.
inline constexpr std::size_t kMaxProblems = 100;

// In the order of the text; arguments after files.
void sort_problems(std::vector<Problem>& problems);

bool has_errors(const std::vector<Problem>& problems);

enum class Colour : std::uint8_t { kOff, kOn };

// "plumbline.yaml:4:3: error: unknown key …", the line with a caret below it, what was expected.
// Secrets in the line are masked. Ends with a newline.
std::string render(const Problem& problem, Colour colour = Colour::kOff);
std::string render(const std::vector<Problem>& problems, Colour colour = Colour::kOff);

// "plumbline.yaml:4:3"; "--set" for an argument.
std::string location(const Problem& problem);

}  // namespace plumbline
