// SPDX-License-Identifier: Apache-2.0
//
// A configuration file is anything. Reading it ends, problems point into it, and telling them is
// plain text; the same bytes as a single setting are read too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/changes.h"
#include "agent/config/checks.h"
#include "agent/config/read.h"
#include "agent/config/yaml.h"
#include "agent/core/series.h"

using namespace plumbline;

namespace {

void check(const std::vector<Problem>& problems) {
  for (const auto& problem : problems) {
    if (problem.at.line > problem.source->text.size() + 1) std::abort();
  }
  const auto text = render(problems);
  if (valid_utf8(text) != text) std::abort();
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string input(reinterpret_cast<const char*>(data), size);
  Config config;
  Places places;
  std::vector<Problem> problems;
  ConfigReader reader(config, places, problems, {"node", "sched"});
  const auto file = std::make_shared<const Source>(Source{Source::Kind::kFile, "a.yaml", input});
  reader.read(file, parse_yaml(file, problems));
  const auto equals = input.find('=');
  if (equals != std::string::npos) {
    const auto argument =
        std::make_shared<const Source>(Source{Source::Kind::kArgument, "--set", input});
    reader.set(argument, std::string_view(input).substr(0, equals), equals + 1);
  }
  check_destinations(config, places, problems);
  sort_problems(problems);
  check(problems);
  if (!describe_changes(config, config).empty()) std::abort();
  return 0;
}
