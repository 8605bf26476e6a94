// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/exporters/prometheus/promtool.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace plumbline {

std::optional<std::string> promtool_complaints(const std::string& page) {
  if (std::system("command -v promtool >/dev/null") != 0) return std::nullopt;
  const TempDir dir;
  const auto path = dir.path() / "page";
  std::ofstream(path) << page;
  const auto command = "promtool check metrics < " + path.string() + " 2>&1 || echo refused";
  std::FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) return "cannot run promtool";
  std::string text;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) {
    text.push_back(static_cast<char>(c));
  }
  ::pclose(output);
  return text;
}

}  // namespace plumbline
