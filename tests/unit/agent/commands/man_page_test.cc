// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/man_page.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace plumbline {
namespace {

constexpr auto kPage = "packaging/man/plumbline.1";

TEST(ManPage, PackagedPageIsFresh) {
  expect_golden(kPage, man_page());
}

TEST(ManPage, ManFindsNothingToWarnOf) {
  if (std::system("command -v man groff >/dev/null 2>&1") != 0) GTEST_SKIP() << "no man here";
  const auto command =
      std::string("LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z ") +
      kPage + " 2>&1 >/dev/null";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::array<char, 4096> buffer{};
  const auto length = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
  EXPECT_EQ(std::string(buffer.data(), length), "");
}

}  // namespace
}  // namespace plumbline
