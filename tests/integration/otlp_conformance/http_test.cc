// SPDX-License-Identifier: Apache-2.0
//
// OTLP over HTTP/1.1 against a scriptable server. The number in a test's name is that of the
// statement in README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/content_coding.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/sender.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using testing::HasSubstr;

HttpMock::Script always(std::string bytes) {
  return [bytes = std::move(bytes)](const HttpSeen&) { return HttpAnswer{.bytes = bytes}; };
}

TEST(OtlpHttp, S12_sends_one_request_as_protobuf) {
  HttpMock mock(always(http_bytes(200)));
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  const auto seen = mock.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].target, "/v1/metrics");
  EXPECT_EQ(seen[0].headers.at("content-type"), "application/x-protobuf");
  EXPECT_EQ(seen[0].body, Sender::sample());
}

}  // namespace
}  // namespace plumbline
