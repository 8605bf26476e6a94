// SPDX-License-Identifier: Apache-2.0
#include "agent/generate/generate.h"

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/manifest/read.h"
#include "agent/runtime/catalogue.h"
#include "tests/support/golden.h"

namespace plumbline {
namespace {

using testing::HasSubstr;

constexpr const char* kGolden = "tests/golden/generate";

std::vector<GeneratedFile> generated_of(const std::vector<std::string>& paths) {
  const auto loaded = load_manifests(paths);
  EXPECT_EQ(render(loaded.problems), "");
  std::vector<GeneratedFile> files;
  generate_files(loaded.manifests, [&](const GeneratedFile& file) { files.push_back(file); });
  return files;
}

std::vector<GeneratedFile> generated() {
  return generated_of({"tests/golden/manifest/platform.yaml"});
}

// The expressions of a rule file, one text.
std::vector<std::string> expressions(const std::string& rules) {
  std::vector<std::string> out;
  std::istringstream lines(rules);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("        expr:")) {
      inside = true;
      out.emplace_back();
    } else if (inside && line.starts_with("          ")) {
      out.back() += line + "\n";
    } else {
      inside = false;
    }
  }
  return out;
}

// What is neither text, label, duration nor a word of the language.
std::set<std::string> metrics_of(std::string expr) {
  const std::set<std::string> words{"and",
                                    "or",
                                    "on",
                                    "by",
                                    "sum",
                                    "max",
                                    "min",
                                    "count",
                                    "avg",
                                    "bool",
                                    "increase",
                                    "sum_over_time",
                                    "sqrt",
                                    "vector",
                                    "clamp_min",
                                    "avg_over_time",
                                    "last_over_time",
                                    "unless",
                                    "offset",
                                    "predict_linear"};
  expr = std::regex_replace(expr, std::regex(R"("(\\.|[^"\\])*")"), "");
  expr = std::regex_replace(
      expr, std::regex(R"(\{[^}]*\}|\[[^\]]*\]|(by|on) \([^)]*\)|offset \d+[smhd]|\$age)"), "");
  std::set<std::string> found;
  const std::regex name("[a-zA-Z_:][a-zA-Z0-9_:]*");
  for (std::sregex_iterator it(expr.begin(), expr.end(), name); it != std::sregex_iterator();
       ++it) {
    if (!words.contains(it->str())) found.insert(it->str());
  }
  return found;
}

TEST(Generate, WritesTheSameBytesAsEver) {
  std::set<std::string> paths;
  for (const auto& file : generated()) {
    expect_golden(std::filesystem::path(kGolden) / file.path, file.text);
    paths.insert(file.path);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGolden)) {
    if (!entry.is_regular_file()) continue;
    const auto path = std::filesystem::relative(entry.path(), kGolden).string();
    EXPECT_TRUE(paths.contains(path)) << path << " is generated no more";
  }
}

TEST(Generate, NamesOnlyMetricsOfTheCatalogueAndItsOwnRecords) {
  std::set<std::string> known;
  for (const auto& entry : whole_catalogue()) {
    for (const auto& spec : entry.metrics) {
      const auto name = prometheus_name(spec);
      known.insert(name);
      if (spec.instrument == Instrument::kHistogram) {
        known.insert(name + "_count");
        known.insert(name + "_bucket");
      }
    }
  }
  std::size_t used = 0;
  for (const auto& file : generated()) {
    if (!file.path.starts_with(kRulesFolder)) continue;
    for (const auto& expr : expressions(file.text)) {
      for (const auto& metric : metrics_of(expr)) {
        ++used;
        const bool own = metric.starts_with("slo:");
        EXPECT_TRUE(own ? file.text.find("record: " + metric + "\n") != std::string::npos
                        : known.contains(metric))
            << file.path << " names " << metric;
      }
    }
  }
  EXPECT_GT(used, 100U);
}

// The alerts of two objectives must differ by name: Alertmanager configurations in the wild inhibit
// by alertname and namespace.
TEST(Generate, GivesNoTwoObjectivesAnAlertOfOneName) {
  std::map<std::string, std::string> file_of;
  for (const auto& file : generated()) {
    if (!file.path.starts_with(kRulesFolder)) continue;
    const std::regex alert("- alert: (\\w+)");
    std::set<std::string> here;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), alert);
         it != std::sregex_iterator();
         ++it) {
      here.insert((*it)[1]);
    }
    for (const auto& name : here) EXPECT_TRUE(file_of.emplace(name, file.path).second) << name;
  }
  EXPECT_EQ(file_of.size(), 5U * 3 + 12 + 8 + 6);
}

TEST(Generate, WritesNoWindowOfNothingAndNoNoiseOfFractions) {
  for (const auto& file : generated()) {
    EXPECT_EQ(file.text.find("[0"), std::string::npos) << file.path;
    EXPECT_FALSE(std::regex_search(file.text, std::regex(R"(\.[0-9]*(0{8}|9{8}))"))) << file.path;
  }
}

TEST(Generate, RecordsCountsBeforeItDivides) {
  for (const auto& file : generated()) {
    if (!file.path.starts_with(kRulesFolder)) continue;
    for (const auto& expr : expressions(file.text)) {
      EXPECT_EQ(expr.find("avg_over_time(slo:error"), std::string::npos) << expr;
      EXPECT_EQ(expr.find("sum_over_time(slo:error"), std::string::npos) << expr;
    }
  }
}

}  // namespace
}  // namespace plumbline
