// SPDX-License-Identifier: Apache-2.0
//
// A manifest is anything. Reading it ends, problems point into it, and what is accepted generates
// the same files twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "agent/core/series.h"
#include "agent/generate/generate.h"
#include "agent/manifest/checks.h"
#include "agent/manifest/read.h"

using namespace plumbline;

namespace {

std::string everything(const std::vector<PlatformManifest>& manifests) {
  std::string text;
  generate_files(manifests,
                 [&](const GeneratedFile& file) { text += file.path + "\n" + file.text; });
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto file = std::make_shared<const Source>(Source{Source::Kind::kFile, "a.yaml", input});
  LoadedManifests loaded;
  read_manifests(file, loaded);
  check_together(loaded.manifests, loaded.problems);
  sort_problems(loaded.problems);
  for (const auto& problem : loaded.problems) {
    if (problem.at.line > problem.source->text.size() + 1) std::abort();
  }
  const auto told = render(loaded.problems);
  if (valid_utf8(told) != told) std::abort();
  if (has_errors(loaded.problems)) return 0;
  const auto once = everything(loaded.manifests);
  if (once != everything(loaded.manifests)) std::abort();
  if (valid_utf8(once) != once) std::abort();
  return 0;
}
