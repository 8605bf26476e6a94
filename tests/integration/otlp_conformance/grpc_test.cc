// SPDX-License-Identifier: Apache-2.0
//
// OTLP over gRPC against a scriptable server. The number in a test's name is that of the statement
// in README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/sender.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;

TEST(OtlpGrpc, S12_sends_one_request_as_protobuf) {
  GrpcMock mock([](const GrpcSeen&) { return grpc_ok(); });
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  const auto seen = mock.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].headers.at(":path"),
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
  EXPECT_EQ(seen[0].headers.at("te"), "trailers");
  EXPECT_EQ(seen[0].body, grpc_frame(Sender::sample()));
}

}  // namespace
}  // namespace plumbline
