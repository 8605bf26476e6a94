// SPDX-License-Identifier: Apache-2.0
//
// The number in a test's name is that of the statement in
// tests/integration/otlp_conformance/README.md.
#include "exporters/otlp/outcome.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

GrpcReply reply(int code, std::string message = {}) {
  GrpcReply reply;
  reply.status.code = static_cast<GrpcCode>(code);
  reply.status.message = std::move(message);
  return reply;
}

HttpResponse response(int status, std::string body = {}, std::string type = "text/html") {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.content_type = std::move(type);
  return response;
}

std::string partial(std::int64_t rejected, std::string_view message) {
  std::string inner;
  protozero::pbf_writer writer(inner);
  if (rejected != 0) writer.add_int64(1, rejected);
  if (!message.empty()) writer.add_string(2, message.data(), message.size());
  std::string out;
  protozero::pbf_writer(out).add_message(1, inner);
  return out;
}

class EachGrpcCode : public testing::TestWithParam<int> {};

TEST_P(EachGrpcCode, S1_is_retried_exactly_when_the_table_says_so) {
  const std::set<int> retryable{1, 4, 10, 11, 14, 15};
  EXPECT_EQ(outcome_of(reply(GetParam())).kind,
            retryable.contains(GetParam()) ? Kind::kRetry : Kind::kRejected);
}

INSTANTIATE_TEST_SUITE_P(Codes, EachGrpcCode, testing::Range(1, 17), [](const auto& test) {
  return std::string(to_string(static_cast<GrpcCode>(test.param)));
});

TEST(GrpcOutcome, S2_retries_exhaustion_only_with_retry_info_even_of_zero) {
  auto exhausted = reply(8, "quota");
  EXPECT_EQ(outcome_of(exhausted).kind, Kind::kRejected);
  exhausted.status.retry_delay = seconds(0);
  EXPECT_EQ(outcome_of(exhausted).kind, Kind::kRetry);
  EXPECT_EQ(outcome_of(exhausted).retry_after, seconds(0));
}

TEST(GrpcOutcome, S17_knows_the_words_of_servers_for_too_large) {
  for (const auto* words : {"grpc: received message larger than max (5 vs. 4)",
                            "Received message larger than max (4194310 vs. 4194304)",
                            "gRPC message exceeds maximum size 4194304: 4194310"}) {
    EXPECT_EQ(outcome_of(reply(8, words)).kind, Kind::kTooLarge) << words;
  }
  EXPECT_EQ(outcome_of(reply(3, "larger than max")).kind, Kind::kRejected);
}

TEST(HttpOutcome, S6_is_retried_exactly_when_the_table_says_so) {
  const std::set<int> retryable{429, 502, 503, 504};
  for (int status = 300; status < 600; ++status) {
    const auto expected = status == 413                ? Kind::kTooLarge
                          : retryable.contains(status) ? Kind::kRetry
                                                       : Kind::kRejected;
    EXPECT_EQ(outcome_of(response(status), 0).kind, expected) << status;
  }
}

TEST(HttpOutcome, S7_takes_retry_after_on_every_retryable_status) {
  for (const int status : {429, 502, 503, 504}) {
    auto answer = response(status);
    answer.retry_after = "17";
    EXPECT_EQ(outcome_of(answer, 0).retry_after, seconds(17));
    answer.retry_after = "Thu, 01 Jan 1970 00:00:30 GMT";
    EXPECT_EQ(outcome_of(answer, 10'000'000'000U).retry_after, seconds(20));
    EXPECT_EQ(outcome_of(answer, 40'000'000'000U).retry_after, seconds(0));
    answer.retry_after = "whenever";
    EXPECT_FALSE(outcome_of(answer, 0).retry_after);
  }
}

TEST(HttpOutcome, S5_counts_what_a_partial_success_rejected) {
  auto outcome = outcome_of(response(200, partial(3, "bad names")), 0);
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_EQ(outcome.rejected, 3U);
  EXPECT_EQ(outcome.reason, "bad names");
  outcome = outcome_of(response(200, partial(0, "old schema")), 0);
  EXPECT_EQ(outcome.rejected, 0U);
  EXPECT_EQ(outcome.reason, "old schema");
  outcome = outcome_of(response(200, partial(0, "")), 0);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(outcome_of(response(200, partial(-3, "")), 0).rejected, 0U);
}

TEST(HttpOutcome, S14_takes_an_unreadable_success_for_one_with_a_warning) {
  auto answer = response(200, "<html>welcome</html>");
  EXPECT_EQ(outcome_of(answer, 0).kind, Kind::kAccepted);
  EXPECT_EQ(outcome_of(answer, 0).rejected, 0U);
  EXPECT_NE(outcome_of(answer, 0).reason, "");
  answer.state = HttpResponse::Body::kTooLong;
  EXPECT_EQ(outcome_of(answer, 0).kind, Kind::kAccepted);
  EXPECT_NE(outcome_of(answer, 0).reason, "");
}

TEST(HttpOutcome, S13_shows_the_words_of_the_server_and_of_a_proxy) {
  std::string status;
  protozero::pbf_writer(status).add_string(2, "no such tenant\n\x1b[2J");
  const auto reason = outcome_of(response(400, status, "application/x-protobuf"), 0).reason;
  EXPECT_THAT(reason, HasSubstr("no such tenant"));
  EXPECT_THAT(reason, Not(HasSubstr("\n")));
  EXPECT_THAT(reason, Not(HasSubstr("\x1b")));
  const auto page = outcome_of(response(502, std::string(100'000, '<')), 0);
  EXPECT_EQ(page.kind, Kind::kRetry);
  EXPECT_LT(page.reason.size(), 300U);
  EXPECT_EQ(outcome_of(response(503, "\xff\xfe", "application/x-protobuf"), 0).kind, Kind::kRetry);
}

TEST(HttpOutcome, S10_says_where_a_redirect_leads) {
  auto answer = response(307);
  answer.location = "https://elsewhere.example/v1/metrics";
  const auto outcome = outcome_of(answer, 0);
  EXPECT_EQ(outcome.kind, Kind::kRejected);
  EXPECT_THAT(outcome.reason, HasSubstr("elsewhere.example"));
}

}  // namespace
}  // namespace plumbline
