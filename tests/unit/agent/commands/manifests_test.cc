// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/manifest/fields.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/run_for_test.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using testing::HasSubstr;

constexpr const char* kPlatform = "tests/golden/manifest/platform.yaml";

TEST(Explain, TellsEveryValueAndWhereItIsFrom) {
  const auto ran = run_for_test({"explain", kPlatform, "-o", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json["manifests"].size(), 2U);
  const auto& pipeline = json["manifests"][1];
  const auto value = [&](const std::string& key) {
    for (const auto& one : pipeline["values"]) {
      if (one["key"] == key)
        return one["value"].get<std::string>() + " " + one["from"].get<std::string>();
    }
    return std::string("none");
  };
  EXPECT_EQ(value("spec.alerting.onBacklog"), "10000 tests/golden/manifest/platform.yaml:38");
  EXPECT_EQ(value("spec.owner"), "unowned default");
  EXPECT_EQ(value("spec.objectives.freshness.target"), "99.9 default");
  EXPECT_EQ(pipeline["values"].size(), fields_of(DataPipeline{}).size());
  EXPECT_EQ(pipeline["objectives"][0]["tiers"][0]["outage_seconds"], 52);
  EXPECT_GT(pipeline["alert_rules"], 10);
}

TEST(Explain, IsReadableAsATable) {
  const auto ran = run_for_test({"explain", kPlatform});
  EXPECT_EQ(ran.code, 0);
  expect_golden("tests/golden/commands/explain.txt", ran.out);
}

TEST(Explain, RefusesMetricsOfOursThatDoNotExist) {
  const TempDir dir;
  const auto told = [&](const std::string& metric) {
    const auto file =
        dir.write("a.yaml",
                  "apiVersion: platform.sivaro.io/v1\nkind: Service\nmetadata: {name: a}\nspec:\n"
                  "  slos:\n    - name: b\n      badWhen: max(" +
                      metric + ") > bool 1\n");
    return run_for_test({"explain", file.string()}).err;
  };
  EXPECT_EQ(told("plumbline_clickhouse_up_ratio"), "");
  EXPECT_EQ(told("anybody_elses_metric"), "");
  EXPECT_THAT(told("plumbline_clickhouse_upp_ratio"),
              HasSubstr("a.yaml:7:16: error: there is no metric"));
  EXPECT_THAT(told("plumbline_clickhouse_upp_ratio"),
              HasSubstr("did you mean \"plumbline_clickhouse_up_ratio\"?"));
}

TEST(Explain, RefusesWhatIsWrong) {
  const TempDir dir;
  const auto file = dir.write("a.yaml", "apiVersion: platform.sivaro.io/v1\nkind: Pipeline\n");
  const auto ran = run_for_test({"explain", file.string()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("a.yaml:2:7: error: there is no kind \"Pipeline\""));
  EXPECT_EQ(ran.out, "");
}

TEST(GenerateCommand, WritesThenFindsNoDifferenceThenOne) {
  const TempDir dir;
  const auto out = (dir.path() / "out").string();
  const auto first = run_for_test({"generate", kPlatform, "--out", out});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(run_for_test({"generate", kPlatform, "--out", out, "--check"}).code, 0);
  std::filesystem::remove(dir.path() / "out/alertmanager/alertmanager.yml");
  const auto missing = run_for_test({"generate", "--check", kPlatform, "--out", out});
  EXPECT_EQ(missing.code, 3);
  EXPECT_EQ(missing.out, "alertmanager/alertmanager.yml: missing\n");
}

TEST(GenerateCommand, NeedsFilesAndAFolder) {
  EXPECT_EQ(run_for_test({"generate", "--out", "x"}).code, 2);
  EXPECT_THAT(run_for_test({"generate", kPlatform}).err, HasSubstr("--out DIR"));
}

TEST(GenerateCommand, TellsWhereItCannotWrite) {
  const auto ran = run_for_test({"generate", kPlatform, "--out", "/proc/nothing"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("cannot write /proc/nothing"));
}

TEST(GenerateCommand, TakesSeveralFiles) {
  const TempDir dir;
  const auto head = std::string("apiVersion: platform.sivaro.io/v1\nkind: DataPipeline\n");
  const auto spec = std::string("spec: {source: {topic: t, consumerGroup: g}}\n");
  const auto a = dir.write("a.yaml", head + "metadata: {name: a}\n" + spec).string();
  const auto b = dir.write("b.yaml", head + "metadata: {name: b}\n" + spec).string();
  const auto ran = run_for_test({"generate", a, b, "--out", (dir.path() / "out").string()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("rules/a-freshness.yml"));
  EXPECT_THAT(ran.out, HasSubstr("rules/b-freshness.yml"));
}

TEST(Schema, KnowsEveryKeyTheReaderKnows) {
  const auto ran = run_for_test({"schema"});
  EXPECT_EQ(ran.code, 0);
  const auto schema = nlohmann::json::parse(ran.out);
  ASSERT_EQ(schema["oneOf"].size(), manifest_kinds().size());
  std::size_t number = 0;
  for (const auto& kind : manifest_kinds()) {
    const auto& object = schema["oneOf"][number++];
    EXPECT_EQ(object["properties"]["kind"]["const"], std::string(kind.name));
    for (const auto& value : manifest_values(default_manifest(kind))) {
      std::string path;
      for (std::string_view rest = value.info->key; !rest.empty();) {
        const auto dot = rest.find('.');
        path += "/properties/" + std::string(rest.substr(0, dot));
        rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
      }
      const nlohmann::json::json_pointer at(path);
      ASSERT_TRUE(object.contains(at)) << path;
      EXPECT_EQ(object[at]["description"], std::string(value.info->description));
    }
  }
  EXPECT_EQ(schema["oneOf"][1]["properties"]["spec"]["properties"]["source"]["required"],
            nlohmann::json({"topic", "consumerGroup"}));
}

// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions,
// "Specifying a structural schema".
void expect_structural(const nlohmann::json& schema, const std::string& path) {
  ASSERT_TRUE(schema.contains("type")) << path;
  for (const auto* key : {"additionalProperties", "const", "$schema", "oneOf", "title"}) {
    EXPECT_FALSE(schema.contains(key)) << path << key;
  }
  if (schema["type"] == "object" && path != "/metadata") {
    for (const auto& [key, below] : schema["properties"].items()) {
      expect_structural(below, path + "/" + key);
    }
  }
  if (schema["type"] == "array") expect_structural(schema["items"], path + "[]");
  if (schema.contains("default") && schema.contains("pattern")) {
    EXPECT_NE(schema["default"], "") << path;
  }
}

TEST(Schema, IsStructuralForKubernetes) {
  const auto ran = run_for_test({"schema", "--crd"});
  EXPECT_EQ(ran.code, 0);
  const auto list = nlohmann::json::parse(ran.out);
  ASSERT_EQ(list["items"].size(), manifest_kinds().size());
  for (const auto& crd : list["items"]) {
    EXPECT_EQ(crd["metadata"]["name"],
              crd["spec"]["names"]["plural"].get<std::string>() + ".platform.sivaro.io");
    expect_structural(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], "");
  }
}

}  // namespace
}  // namespace plumbline
