// SPDX-License-Identifier: Apache-2.0
#include "agent/config/redact.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Redact, MasksHeaderValuesInBlockAndFlowStyle) {
  const std::string block =
      "otlp:\n"
      "  - endpoint: grpc://a\n"
      "    headers:\n"
      "      x-tenant: alpha\n"
      "      # the key: beta\n"
      "      x-text: >\n"
      "        gamma delta\n"
      "    timeout: 10s\n";
  EXPECT_EQ(redacted_line(block, 2), "  - endpoint: grpc://a");
  EXPECT_EQ(redacted_line(block, 4), "      x-tenant: *****");
  EXPECT_EQ(redacted_line(block, 5), "      # the key: ****");
  EXPECT_EQ(redacted_line(block, 6), "      x-text: *");
  EXPECT_EQ(redacted_line(block, 7), "        ***** *****");
  EXPECT_EQ(redacted_line(block, 8), "    timeout: 10s");
  EXPECT_EQ(redacted_line(block, 9), "");
  EXPECT_EQ(redacted_line("- {a: b, headers: {c: d}}", 1), "- {a: b, headers: *** ***");
}

TEST(Redact, MasksFlowStyleOverSeveralLines) {
  const std::string flow =
      "otlp: [{endpoint: a, headers: {\n  x: secret,\n  y: hidden}}]\nlisten: b";
  EXPECT_EQ(redacted_line(flow, 2), "  x: *******");
  EXPECT_EQ(redacted_line(flow, 3), "  y: *********");
  EXPECT_EQ(redacted_line(flow, 4), "listen: b");
}

TEST(Redact, MasksWhatOnlySoundsSecret) {
  EXPECT_EQ(redacted_line("bearer_token: abc", 1), "bearer_token: ***");
  EXPECT_EQ(redacted_line("haeders: {a: b}", 1), "haeders: *** **");
  EXPECT_EQ(redacted_line("bearer_token_file: /run/token", 1), "bearer_token_file: /run/token");
  // A token where its file should be named.
  EXPECT_EQ(redacted_line("bearer_token_file: eyJhbG", 1), "bearer_token_file: ******");
  EXPECT_EQ(redacted_line("otlp.0.headers.x-key=abc", 1), "otlp.0.headers.x-key=***");
}

TEST(Redact, MasksThePasswordOfAUrl) {
  EXPECT_EQ(redacted_line("endpoint: https://user:pass@host/path", 1),
            "endpoint: https://*********@host/path");
  EXPECT_EQ(redacted_url("https://user:p@ss@host:1/path@x?key=secret#f"), "https://host:1/path@x");
  EXPECT_EQ(redacted_url("grpc://host:4317"), "grpc://host:4317");
}

}  // namespace
}  // namespace plumbline
