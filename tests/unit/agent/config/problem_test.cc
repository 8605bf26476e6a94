// SPDX-License-Identifier: Apache-2.0
#include "agent/config/problem.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

Problem problem_in(std::string text, Position at, std::size_t length) {
  return {.source = std::make_shared<const Source>(
              Source{Source::Kind::kFile, "a.yaml", std::move(text)}),
          .at = at,
          .length = length,
          .what = "wrong"};
}

TEST(Problem, UnderlinesWhatIsWrong) {
  auto problem = problem_in("a: 1\nlisen: x\n", {2, 1}, 5);
  problem.expected = "an address";
  problem.suggestion = "listen";
  EXPECT_EQ(render(problem),
            "a.yaml:2:1: error: wrong\n"
            "   2 | lisen: x\n"
            "     | ^~~~~\n"
            "     = expected an address\n"
            "     = did you mean \"listen\"?\n");
}

TEST(Problem, CountsCharactersAndNotBytesForTheCaret) {
  EXPECT_EQ(render(problem_in("größe: x", {1, 10}, 1)),
            "a.yaml:1:10: error: wrong\n"
            "   1 | größe: x\n"
            "     |        ^\n");
}

TEST(Problem, StaysInsideALineThatIsTooShort) {
  EXPECT_EQ(render(problem_in("ab", {1, 9}, 7)),
            "a.yaml:1:9: error: wrong\n"
            "   1 | ab\n"
            "     |   ^\n");
  EXPECT_EQ(render(problem_in("ab", {7, 1}, 7)),
            "a.yaml:7:1: error: wrong\n"
            "   7 | \n"
            "     | ^\n");
}

TEST(Problem, ShowsNoControlCharacters) {
  auto problem = problem_in("a\x1b[31m\tb", {1, 8}, 1);
  problem.what = "bad \x1b[31m";
  EXPECT_EQ(render(problem),
            "a.yaml:1:8: error: bad \\x1b[31m\n"
            "   1 | a [31m b\n"
            "     |        ^\n");
}

TEST(Problem, ColoursOnlyWhenAsked) {
  const auto problem = problem_in("a", {1, 1}, 1);
  EXPECT_EQ(render(problem).find('\x1b'), std::string::npos);
  EXPECT_NE(render(problem, Colour::kOn).find("\x1b[1;31merror:"), std::string::npos);
}

TEST(Problem, SortsByPlaceWithArgumentsLast) {
  const auto file = std::make_shared<const Source>(Source{Source::Kind::kFile, "f", ""});
  const auto flag = std::make_shared<const Source>(Source{Source::Kind::kArgument, "--set", ""});
  std::vector<Problem> problems{{.source = flag, .at = {1, 1}, .what = "c"},
                                {.source = file, .at = {2, 1}, .what = "b"},
                                {.source = file, .at = {1, 9}, .what = "a"}};
  sort_problems(problems);
  EXPECT_EQ(problems[0].what + problems[1].what + problems[2].what, "abc");
}

}  // namespace
}  // namespace plumbline
