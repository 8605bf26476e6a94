// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/changes.h"
#include "agent/config/yaml.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

LoadOptions options_for(const std::filesystem::path& file) {
  return {.file = file.string(),
          .collectors = {"block", "node", "sched", "tcp"},
          .environment = [](const std::string&) { return std::nullopt; }};
}

// The default file may exist on the machine that runs the tests; /dev/null would be refused.
LoadOptions without_file(const TempDir& dir) {
  return options_for(dir.write("empty.yaml", ""));
}

std::string report(const LoadedConfig& loaded) {
  auto out = render(loaded.problems);
  if (!has_errors(loaded.problems)) {
    for (const auto& [key, text] : describe_config(loaded.config)) {
      out += fmt::format("{} = {}\n", key, text);
    }
  }
  return out;
}

class Golden : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Golden, ReportIsAsCommitted) {
  auto expected = GetParam();
  expected.replace_extension(".txt");
  expect_golden(expected, report(read_config(options_for(GetParam()))));
}

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden/config")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Config, Golden, testing::ValuesIn(golden_files()), [](const auto& test) {
  return test.param.stem().string();
});

TEST(Load, NoSecretOfAnyGoldenFileIsEverPrinted) {
  for (const auto& file : golden_files()) {
    const auto printed = report(read_config(options_for(file)));
    EXPECT_THAT(printed, Not(HasSubstr("hunter"))) << file;
    EXPECT_THAT(printed, Not(HasSubstr("eyJ"))) << file;
  }
}

TEST(Load, NoFileAtAllIsAGoodConfiguration) {
  const TempDir dir;
  const auto config = load_config(without_file(dir));
  ASSERT_TRUE(config);
  EXPECT_TRUE(describe_changes(Config{}, *config).empty());
}

TEST(Load, ReadsEveryKindOfValue) {
  const auto config = load_config(options_for("tests/golden/config/full.yaml"));
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->listen, "[::1]:0");
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_EQ(config->log_format, LogFormat::kJson);
  EXPECT_FALSE(config->collectors.at("sched").enabled);
  EXPECT_EQ(config->collectors.at("node").period, 2s);
  EXPECT_THAT(config->bpf.deny_hooks, ElementsAre("block_rq_complete", "sched_switch"));
  EXPECT_EQ(config->bpf.memory_bytes, 8U << 20U);
  EXPECT_EQ(config->export_interval, 90s);
  EXPECT_EQ(config->queue_bytes, 3U << 29U);
  ASSERT_EQ(config->otlp.size(), 2U);
  EXPECT_EQ(config->otlp[0].protocol, OtlpProtocol::kHttpProtobuf);
  EXPECT_EQ(config->otlp[0].compression, Compression::kZstd);
  EXPECT_EQ(config->otlp[0].timeout, 500ms);
  EXPECT_EQ(config->otlp[1].protocol, OtlpProtocol::kGrpc);
  EXPECT_THAT(config->otlp[1].headers, ElementsAre(Pair("x-tenant", "platform")));
  EXPECT_EQ(config->stdout_format, StdoutFormat::kOtlpJson);
  EXPECT_EQ(config->shutdown_timeout, 0ms);
}

TEST(Load, SettingsWinOverTheFile) {
  auto options = options_for("tests/golden/config/full.yaml");
  options.settings = {{"--set", "", "export.interval=5s"},
                      {"--listen", "listen", "127.0.0.1:0"},
                      {"--set", "", "otlp.0.headers.x-tenant=other=tenant"},
                      {"--set", "", "otlp.2.endpoint=http://localhost:4318"},
                      {"--set", "", "collectors.sched.enabled=true"},
                      {"--set", "", "resource.service.namespace="},
                      {"--set", "", "bpf.deny_hooks=a,b"},
                      {"--set", "", "otlp.1.headers={a: b}"}};
  const auto config = load_config(options);
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->export_interval, 5s);
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_THAT(config->otlp[0].headers, ElementsAre(Pair("x-tenant", "other=tenant")));
  ASSERT_EQ(config->otlp.size(), 3U);
  EXPECT_EQ(config->otlp[2].endpoint, "http://localhost:4318");
  EXPECT_TRUE(config->collectors.at("sched").enabled);
  EXPECT_EQ(config->resource_attributes.at("service.namespace"), "");
  EXPECT_THAT(config->bpf.deny_hooks, ElementsAre("a", "b"));
  EXPECT_THAT(config->otlp[1].headers, ElementsAre(Pair("a", "b"), Pair("x-tenant", "platform")));
}

TEST(Load, DestinationsOfTheCommandLineReplaceThoseOfTheFile) {
  auto options = options_for("tests/golden/config/full.yaml");
  options.otlp = {"grpc://localhost:1", "http://localhost:2"};
  options.settings = {{"--set", "", "otlp.1.compression=none"}};
  const auto config = load_config(options);
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->otlp.size(), 2U);
  EXPECT_EQ(config->otlp[0].endpoint, "grpc://localhost:1");
  EXPECT_EQ(config->otlp[0].protocol, OtlpProtocol::kGrpc);
  EXPECT_EQ(config->otlp[1].compression, Compression::kNone);
}

TEST(Load, TakesKafkaClustersFromSettings) {
  auto options = options_for("tests/golden/config/kafka.yaml");
  options.settings = {{"--set", "", "kafka.1.compression=lz4"},
                      {"--set", "", "kafka.2.brokers=a:1,b:2"},
                      {"--set", "", "kafka.2.topics.metrics=node"}};
  const auto config = load_config(options);
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->kafka.size(), 3U);
  EXPECT_EQ(config->kafka[0].login, KafkaLogin::kScramSha512);
  EXPECT_EQ(config->kafka[1].compression, KafkaCompression::kLz4);
  EXPECT_THAT(config->kafka[2].brokers, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(config->kafka[2].metrics_topic, "node");
}

TEST(Load, DestinationsOfTheCommandLineReplaceKafkaClustersToo) {
  auto options = options_for("tests/golden/config/kafka.yaml");
  options.otlp = {"grpc://localhost:1"};
  const auto config = load_config(options);
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_TRUE(config->kafka.empty());
}

TEST(Load, ShowsWhatIsWrongWithSettings) {
  const TempDir dir;
  auto options = without_file(dir);
  options.otlp = {"collector:4317"};
  options.settings = {{"--set", "", "export.intervall=5s"},
                      {"--set", "", "interval=5s"},
                      {"--set", "", "export.interval=5"},
                      {"--set", "", "export.interval"},
                      {"--listen", "listen", "localhost:http"},
                      {"--set", "", "otlp.7.timeout=1s"},
                      {"--set", "", "otlp.0.headers.x key=hunter2"},
                      {"--set", "", "otlp.0.header.authorization=hunter2"},
                      {"--set", "", "collectors.shced.enabled=true"},
                      {"--set", "", "collectors.sched.enable=true"},
                      {"--deny-hook", "bpf.deny_hooks", "[a, {b: c}]"},
                      {"--set", "", "bpf.deny_hooks=[a"},
                      {"--set", "", "=x"}};
  const auto printed = report(read_config(options));
  EXPECT_THAT(printed, Not(HasSubstr("hunter")));
  expect_golden("tests/golden/config/settings.txt", printed);
}

TEST(Load, TakesResourceAttributesFromTheEnvironmentBelowTheFile) {
  auto options = options_for("tests/golden/config/full.yaml");
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "OTEL_RESOURCE_ATTRIBUTES") {
      return "service.name=a,team=b%20c,deployment.environment.name=staging";
    }
    if (name == "OTEL_SERVICE_NAME") return "agent";
    return std::nullopt;
  };
  const auto config = load_config(options);
  ASSERT_TRUE(config);
  EXPECT_THAT(config->resource_attributes,
              ElementsAre(Pair("deployment.environment.name", "production"),
                          Pair("service.name", "agent"),
                          Pair("service.namespace", "platform"),
                          Pair("team", "b c")));
}

TEST(Load, TakesADestinationFromTheEnvironmentWhenTheFileHasNone) {
  const TempDir dir;
  auto options = without_file(dir);
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "OTEL_EXPORTER_OTLP_ENDPOINT") return "http://collector:4317";
    if (name == "OTEL_EXPORTER_OTLP_PROTOCOL") return "grpc";
    return std::nullopt;
  };
  const auto config = load_config(options);
  ASSERT_TRUE(config);
  ASSERT_EQ(config->otlp.size(), 1U);
  EXPECT_EQ(config->otlp[0].endpoint, "grpc://collector:4317");
  options.otlp = {"http://other:4318"};
  EXPECT_EQ(load_config(options)->otlp.at(0).endpoint, "http://other:4318");
}

TEST(Load, TellsOfAnUnreadableEnvironment) {
  const TempDir dir;
  auto options = without_file(dir);
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "OTEL_RESOURCE_ATTRIBUTES" ? std::optional("a=%zz") : std::nullopt;
  };
  EXPECT_EQ(report(read_config(options)),
            "OTEL_RESOURCE_ATTRIBUTES: error: the value of \"a\" has a '%' without two hex digits\n"
            "     | a=%zz\n"
            "     | ^~~~~\n"
            "     = expected key=value,key=value\n");
}

TEST(Load, SaysWhyAFileCannotBeRead) {
  const TempDir dir;
  EXPECT_EQ(load_config(options_for("/nonexistent.yaml")).error().what,
            "/nonexistent.yaml: error: cannot read the file: No such file or directory\n");
  EXPECT_EQ(load_config(options_for(dir.path())).error().what,
            fmt::format("{}: error: this is not a regular file\n", dir.path().string()));
  EXPECT_EQ(load_config(options_for("/dev/zero")).error().what,
            "/dev/zero: error: this is not a regular file\n");
}

TEST(Load, RefusesAHugeFile) {
  const TempDir dir;
  const auto file = dir.write("huge.yaml", std::string(kMaxYamlBytes + 1, '#'));
  EXPECT_THAT(load_config(options_for(file)).error().what, HasSubstr("the file is too big"));
  const auto largest = dir.write("large.yaml", std::string(kMaxYamlBytes, '#'));
  EXPECT_TRUE(load_config(options_for(largest)));
}

TEST(Load, StopsTellingAfterAHundredProblems) {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("key{}: x\n", i);
  const auto loaded = read_config(options_for(dir.write("a.yaml", text)));
  EXPECT_EQ(loaded.problems.size(), kMaxProblems);
  EXPECT_THAT(loaded.problems.back().what, HasSubstr("more problems"));
}

TEST(Load, RefusesSettingsThatAreNotText) {
  const TempDir dir;
  auto options = without_file(dir);
  options.settings = {{"--set", "", "resource.a=\xff"}};
  EXPECT_EQ(report(read_config(options)),
            "--set: error: byte 0xff is not text\n"
            "     | resource.a=\xef\xbf\xbd\n"
            "     |            ^\n"
            "     = expected text in UTF-8\n");
}

TEST(Load, RefusesAPathWithAZeroByte) {
  const TempDir dir;
  const auto file = dir.write("a.yaml", "state_dir: \"/tmp/a\\0b\"\n");
  EXPECT_THAT(load_config(options_for(file)).error().what, HasSubstr("zero byte"));
}

TEST(Load, WarnsOfAKeyThatEverybodyCanRead) {
  const TempDir dir;
  const auto key = dir.write("key.pem", "k");
  const auto certificate = dir.write("certificate.pem", "c");
  const auto file = dir.write("a.yaml",
                              fmt::format("otlp:\n"
                                          "  - endpoint: grpcs://localhost:4317\n"
                                          "    certificate_file: {}\n"
                                          "    key_file: {}\n",
                                          certificate.string(),
                                          key.string()));
  std::filesystem::permissions(key, std::filesystem::perms(0644));
  const auto open = read_config(options_for(file));
  ASSERT_EQ(open.problems.size(), 1U);
  EXPECT_EQ(open.problems[0].severity, Severity::kWarning);
  EXPECT_EQ(open.problems[0].at, (Position{4, 15}));
  std::filesystem::permissions(key, std::filesystem::perms(0600));
  EXPECT_TRUE(read_config(options_for(file)).problems.empty());
}

TEST(Load, WarningsDoNotStopTheAgent) {
  EXPECT_TRUE(load_config(options_for("tests/golden/config/mistaken_ports.yaml")));
}

}  // namespace
}  // namespace plumbline
