// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <ostream>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "agent/commands/load_manifests.h"
#include "agent/commands/program.h"
#include "dashboards/files.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Beside its place and then moved there: nobody ever reads half a file.
bool write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const auto beside = fs::path(path.string() + ".new");
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return false;
  }
  fs::rename(beside, path, error);
  return !error;
}

// Files in the folders of generated ones that are not among `wanted`.
std::vector<std::string> left_over(const fs::path& out, const std::set<std::string>& wanted) {
  std::vector<std::string> found;
  for (const auto* folder : {kRulesFolder, kTestsFolder, kOpenSloFolder, kBoardsFolder}) {
    std::error_code error;
    for (fs::directory_iterator next(out / folder, error), end; !error && next != end;
         next.increment(error)) {
      const auto path = fmt::format("{}/{}", folder, next->path().filename().string());
      if (!wanted.contains(path)) found.push_back(path);
    }
  }
  std::ranges::sort(found);
  return found;
}

// What is asked for, a file at a time.
using Files = std::function<void(const std::function<void(const GeneratedFile&)>&)>;

int check_files(const fs::path& out, const Files& files, Program& program) {
  std::size_t differences = 0;
  const auto tell = [&](const std::string& path, std::string_view what) {
    ++differences;
    program.out << fmt::format("{}: {}\n", path, what);
  };
  std::set<std::string> wanted;
  files([&](const GeneratedFile& file) {
    wanted.insert(file.path);
    const auto there = text_of(out / file.path);
    if (there != file.text) tell(file.path, there ? "differs" : "missing");
  });
  for (const auto& path : left_over(out, wanted)) tell(path, "no manifest asks for it");
  if (differences == 0) return kDone;
  program.err << fmt::format(
      "plumbline: {} of the files below {} are not what the manifests ask for\n",
      differences,
      out.string());
  return kFindings;
}

int write_files(const fs::path& out, const Files& files, Program& program) {
  std::set<std::string> wanted;
  std::string failed;
  files([&](const GeneratedFile& file) {
    wanted.insert(file.path);
    if (!failed.empty()) return;
    const auto path = out / file.path;
    if (!write_file(path, file.text)) {
      failed = path.string();
      return;
    }
    program.out << path.string() << '\n';
  });
  if (!failed.empty()) return fail(program, fmt::format("cannot write {}", failed), kFailed);
  for (const auto& path : left_over(out, wanted)) {
    program.err << fmt::format("plumbline: {} is left over: no manifest asks for it\n",
                               (out / path).string());
  }
  return kDone;
}

Result<GenerateOptions> generate_options(const Invocation& invocation) {
  GenerateOptions options;
  options.grafana = invocation.value("grafana");
  while (options.grafana.ends_with('/')) options.grafana.pop_back();
  if (invocation.has("runbooks")) options.runbooks = invocation.value("runbooks");
  if (options.runbooks.ends_with('/')) options.runbooks.pop_back();
  if (invocation.has("node-team")) options.node_team = invocation.value("node-team");
  constexpr unsigned kMost = 10'000;
  const auto scale = invocation.value("drill-scale", "1");
  const auto [end, error] =
      std::from_chars(scale.data(), scale.data() + scale.size(), options.scale.divisor);
  if (error != std::errc() || end != scale.data() + scale.size() || options.scale.divisor < 1 ||
      options.scale.divisor > kMost) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("--drill-scale expects a number from 1 to {}", kMost)};
  }
  return options;
}

}  // namespace

int command_generate(const Invocation& invocation, Program& program) {
  if (!invocation.has("out")) return fail(program, "generate needs --out DIR", kUsage);
  const auto loaded = load_checked_manifests(invocation.arguments);
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) return kUsage;
  const fs::path out = invocation.value("out");
  const auto options = generate_options(invocation);
  if (!options) return fail(program, options.error().what, kUsage);
  const auto schema = invocation.value("schema") == "v2" ? BoardSchema::kV2 : BoardSchema::kClassic;
  const Files files = [&](const std::function<void(const GeneratedFile&)>& take) {
    generate_files(loaded.manifests, take, *options);
    for (auto& [path, text] : dashboard_files(schema)) take({path, std::move(text)});
  };
  return invocation.has("check") ? check_files(out, files, program)
                                 : write_files(out, files, program);
}

}  // namespace plumbline
