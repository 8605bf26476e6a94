// SPDX-License-Identifier: Apache-2.0
//
// Statements 24 to 29 of tests/integration/otlp_conformance/README.md.
#include "agent/config/otlp_environment.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

using testing::ElementsAre;
using testing::Pair;

class OtlpEnvironment : public testing::Test {
 protected:
  void set(const std::string& name, std::string value) {
    variables_["OTEL_EXPORTER_OTLP_" + name] = std::move(value);
  }
  std::optional<OtlpConfig> read(std::string_view signal = "METRICS") {
    problems_.clear();
    return otlp_from_environment(
        signal,
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          if (found == variables_.end()) return std::nullopt;
          return found->second;
        },
        problems_);
  }
  std::string endpoint() { return read().value().endpoint; }

  std::map<std::string, std::string> variables_;
  std::vector<EnvironmentProblem> problems_;
};

TEST_F(OtlpEnvironment, NamesNoDestinationWithoutAnEndpoint) {
  set("PROTOCOL", "grpc");
  EXPECT_FALSE(read());
  set("ENDPOINT", "");
  EXPECT_FALSE(read());
}

TEST_F(OtlpEnvironment, S24_prefers_the_variable_of_the_signal) {
  set("ENDPOINT", "http://all:4318");
  set("METRICS_ENDPOINT", "http://metrics:4318/in");
  set("TIMEOUT", "3000");
  set("METRICS_TIMEOUT", "5000");
  set("CERTIFICATE", "/ca.pem");
  set("CLIENT_CERTIFICATE", "/me.pem");
  set("METRICS_CLIENT_KEY", "/me.key");
  const auto metrics = read("METRICS").value();
  EXPECT_EQ(metrics.endpoint, "http://metrics:4318/in");
  EXPECT_EQ(metrics.timeout, std::chrono::seconds(5));
  EXPECT_EQ(metrics.ca_file, "/ca.pem");
  EXPECT_EQ(metrics.certificate_file, "/me.pem");
  EXPECT_EQ(metrics.key_file, "/me.key");
  const auto traces = read("TRACES").value();
  EXPECT_EQ(traces.endpoint, "http://all:4318");
  EXPECT_EQ(traces.timeout, std::chrono::seconds(3));
  EXPECT_EQ(traces.key_file, "");
}

TEST_F(OtlpEnvironment, S25_appends_the_path_to_a_base_endpoint_only) {
  set("ENDPOINT", "http://collector:4318/mycollector/");
  EXPECT_FALSE(read()->per_signal_path);
  set("METRICS_ENDPOINT", "http://collector:4318/v1/mymetrics");
  EXPECT_TRUE(read()->per_signal_path);
}

TEST_F(OtlpEnvironment, S26_takes_the_port_from_the_scheme) {
  set("PROTOCOL", "grpc");
  set("ENDPOINT", "http://collector");
  EXPECT_EQ(endpoint(), "grpc://collector:80");
  set("ENDPOINT", "https://collector/");
  EXPECT_EQ(endpoint(), "grpcs://collector:443");
  set("ENDPOINT", "https://[::1]");
  EXPECT_EQ(endpoint(), "grpcs://[::1]:443");
  set("ENDPOINT", "https://[::1]:4317");
  EXPECT_EQ(endpoint(), "grpcs://[::1]:4317");
}

TEST_F(OtlpEnvironment, S27_lets_the_scheme_overrule_insecure) {
  set("PROTOCOL", "grpc");
  set("INSECURE", "true");
  set("ENDPOINT", "https://collector:4317");
  EXPECT_EQ(endpoint(), "grpcs://collector:4317");
  set("ENDPOINT", "collector:4317");
  EXPECT_EQ(endpoint(), "grpc://collector:4317");
  set("INSECURE", "yes");
  EXPECT_EQ(endpoint(), "grpcs://collector:4317");
  set("INSECURE", "False");
  set("ENDPOINT", "http://collector:4317");
  EXPECT_EQ(endpoint(), "grpc://collector:4317");
}

TEST_F(OtlpEnvironment, S28_decodes_headers_as_baggage) {
  set("ENDPOINT", "http://collector:4318");
  set("HEADERS", "api-key=s%20e%3Dcret, x-team = a");
  EXPECT_THAT(read()->headers, ElementsAre(Pair("api-key", "s e=cret"), Pair("x-team", "a")));
}

TEST_F(OtlpEnvironment, S29_speaks_protobuf_over_http_for_ten_seconds_by_default) {
  set("ENDPOINT", "http://collector:4318");
  const auto config = read().value();
  EXPECT_EQ(config.protocol, OtlpProtocol::kHttpProtobuf);
  EXPECT_EQ(config.timeout, std::chrono::seconds(10));
  EXPECT_EQ(config.compression, Compression::kNone);
}

TEST_F(OtlpEnvironment, KnowsItsCompressions) {
  set("ENDPOINT", "http://collector:4318");
  set("COMPRESSION", "gzip");
  EXPECT_EQ(read()->compression, Compression::kGzip);
  set("COMPRESSION", "zstd");
  EXPECT_EQ(read()->compression, Compression::kZstd);
}

TEST_F(OtlpEnvironment, TellsWhichVariableIsWrongAndNotItsValue) {
  set("ENDPOINT", "http://collector:4318");
  set("PROTOCOL", "http/json");
  set("COMPRESSION", "hunter2");
  set("METRICS_TIMEOUT", "-1");
  set("HEADERS", "a=hunter2%zz");
  EXPECT_TRUE(read());
  std::vector<std::string> names;
  for (const auto& problem : problems_) {
    names.push_back(problem.variable);
    EXPECT_EQ(problem.what.find("hunter2"), std::string::npos);
  }
  EXPECT_THAT(names,
              ElementsAre("OTEL_EXPORTER_OTLP_PROTOCOL",
                          "OTEL_EXPORTER_OTLP_HEADERS",
                          "OTEL_EXPORTER_OTLP_COMPRESSION",
                          "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"));
}

TEST_F(OtlpEnvironment, RefusesAnEndpointThatIsNone) {
  set("ENDPOINT", "http://me:hunter2@collector:4318");
  EXPECT_FALSE(read());
  ASSERT_EQ(problems_.size(), 1U);
  EXPECT_EQ(problems_[0].what.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace plumbline
