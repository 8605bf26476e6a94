// SPDX-License-Identifier: Apache-2.0
//
// OTLP over gRPC against a scriptable server. The number in a test's name is that of the statement
// in README.md.
#include <array>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <protozero/pbf_writer.hpp>

#include "agent/http/content_coding.h"
#include "agent/http/grpc_status.h"
#include "agent/http/http2.h"
#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/sender.h"

namespace plumbline {
namespace {

using Instead = GrpcAnswer::Instead;
using Kind = SendOutcome::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;

GrpcMock::Script always(GrpcAnswer answer) {
  return [answer = std::move(answer)](const GrpcSeen&) { return answer; };
}

// What comes of one request to a server that always answers so.
SendOutcome outcome_with(GrpcAnswer answer) {
  GrpcMock mock(always(std::move(answer)));
  Sender sender(plain_config(mock.url()));
  return sender.send();
}

// What comes of one request to a server that says this to whoever connects.
SendOutcome outcome_with_bytes(std::string bytes) {
  const MockServer server([&bytes](Peer& peer) {
    std::array<char, 1024> some{};
    peer.read_some(some);
    peer.write(bytes);
    peer.close_sending();
    peer.hang();
  });
  Sender sender(plain_config("grpc://" + server.address()));
  return sender.send();
}

std::string partial_success(std::int64_t rejected, std::string_view message) {
  std::string inner;
  protozero::pbf_writer writer(inner);
  writer.add_int64(1, rejected);
  writer.add_string(2, message.data(), message.size());
  std::string out;
  protozero::pbf_writer(out).add_message(1, inner);
  return out;
}

class OtlpGrpcSignal : public testing::TestWithParam<Signal> {};

TEST_P(OtlpGrpcSignal, S5_S12_calls_export_and_reads_partial_success) {
  GrpcMock mock(always(grpc_ok(partial_success(2, "bad names"))));
  Sender sender(plain_config(mock.url()));
  const auto outcome = sender.send(Sender::sample(), GetParam());
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_EQ(outcome.rejected, 2U);
  EXPECT_EQ(outcome.reason, "bad names");
  const std::map<Signal, std::string> paths{
      {Signal::kMetrics, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"},
      {Signal::kTraces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"},
      {Signal::kLogs, "/opentelemetry.proto.collector.logs.v1.LogsService/Export"}};
  const auto seen = mock.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].headers.at(":path"), paths.at(GetParam()));
  EXPECT_EQ(seen[0].headers.at(":method"), "POST");
  EXPECT_EQ(seen[0].headers.at(":scheme"), "http");
  EXPECT_EQ(seen[0].headers.at("te"), "trailers");
  EXPECT_EQ(seen[0].headers.at("content-type"), "application/grpc");
  EXPECT_FALSE(seen[0].headers.contains("grpc-encoding"));
  EXPECT_EQ(seen[0].body, grpc_frame(Sender::sample()));
}

INSTANTIATE_TEST_SUITE_P(Grpc,
                         OtlpGrpcSignal,
                         testing::Values(Signal::kMetrics, Signal::kTraces, Signal::kLogs),
                         [](const auto& test) { return std::string(to_string(test.param)); });

class OtlpGrpcCode : public testing::TestWithParam<int> {};

TEST_P(OtlpGrpcCode, S1_is_retried_exactly_when_the_specification_says_so) {
  const std::set<int> retryable{1, 4, 10, 11, 14, 15};
  const auto outcome = outcome_with(grpc_error(GetParam(), "why%20not"));
  EXPECT_EQ(outcome.kind, retryable.contains(GetParam()) ? Kind::kRetry : Kind::kRejected);
  EXPECT_THAT(outcome.reason, HasSubstr("why not"));
}

INSTANTIATE_TEST_SUITE_P(Grpc, OtlpGrpcCode, testing::Range(1, 17), [](const auto& test) {
  return std::string(to_string(static_cast<GrpcCode>(test.param)));
});

TEST(OtlpGrpc, S2_retries_exhaustion_only_with_retry_info_even_of_zero) {
  EXPECT_EQ(outcome_with(grpc_error(8, "quota")).kind, Kind::kRejected);
  const auto outcome = outcome_with(grpc_error(8, "quota", {retry_info(0, 0)}));
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.retry_after, seconds(0));
}

TEST(OtlpGrpc, S3_hears_how_long_to_wait) {
  const auto outcome = outcome_with(grpc_error(14, {}, {retry_info(7, 500'000'000)}));
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.retry_after, milliseconds(7'500));
  EXPECT_THAT(outcome.reason, HasSubstr("busy"));  // from the details, for grpc-message was empty
}

TEST(OtlpGrpc, S9_keeps_one_connection_for_many_exports) {
  GrpcMock mock(always(grpc_ok()));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 20U);
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST(OtlpGrpc, S9_takes_a_disconnect_without_an_answer_for_retry) {
  GrpcAnswer gone;
  gone.instead = Instead::kClose;
  EXPECT_EQ(outcome_with(gone).kind, Kind::kUnreachable);
}

TEST(OtlpGrpc, S9_opens_a_new_connection_after_a_broken_one) {
  int requests = 0;
  GrpcMock mock([&requests](const GrpcSeen&) {
    auto answer = grpc_ok();
    if (++requests == 1) answer.instead = Instead::kClose;
    return answer;
  });
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kUnreachable);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
}

TEST(OtlpGrpc, S9_sends_again_when_a_kept_connection_dies_under_the_request) {
  int requests = 0;
  GrpcMock mock([&requests](const GrpcSeen&) {
    auto answer = grpc_ok();
    if (++requests == 2) answer.instead = Instead::kClose;
    return answer;
  });
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 3U);
}

TEST(OtlpGrpc, S9_takes_a_reset_stream_for_retry_and_goes_on_with_the_connection) {
  int requests = 0;
  GrpcMock mock([&requests](const GrpcSeen&) {
    auto answer = grpc_ok();
    if (++requests == 1) {
      answer.instead = Instead::kReset;
      answer.reset_code = NGHTTP2_INTERNAL_ERROR;
    }
    return answer;
  });
  Sender sender(plain_config(mock.url()));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("INTERNAL_ERROR"));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.server().connections(), 1);
}

class OtlpGrpcRefused : public testing::TestWithParam<Instead> {};

TEST_P(OtlpGrpcRefused, S9_a_request_nobody_looked_at_is_sent_again_at_once) {
  int requests = 0;
  GrpcMock mock([&requests](const GrpcSeen&) {
    auto answer = grpc_ok();
    if (++requests == 1) {
      answer.instead = GetParam();
      answer.reset_code = NGHTTP2_REFUSED_STREAM;
    }
    return answer;
  });
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 2U);
  EXPECT_EQ(mock.server().connections(), 2);
}

INSTANTIATE_TEST_SUITE_P(Grpc,
                         OtlpGrpcRefused,
                         testing::Values(Instead::kReset, Instead::kGoawayRefused),
                         [](const auto& test) {
                           return test.param == Instead::kReset ? "by_reset" : "by_goaway";
                         });

TEST(OtlpGrpc, S9_obeys_a_goodbye_and_loses_nothing) {
  auto answer = grpc_ok();
  answer.goaway_after = true;
  GrpcMock mock(always(answer));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 5U);
}

TEST(OtlpGrpc, EndsWithinItsTimeoutWhateverTheServerDoes) {
  GrpcAnswer silence;
  silence.instead = Instead::kSilence;
  GrpcMock mock(always(silence));
  Sender sender(plain_config(mock.url()));
  const auto begin = steady_clock::now();
  const auto outcome = sender.send(Sender::sample(), Signal::kMetrics, milliseconds(200));
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("in time"));
  EXPECT_LT(steady_clock::now() - begin, seconds(2));
  const auto timeout = mock.seen().at(0).headers.at("grpc-timeout");
  EXPECT_EQ(timeout.back(), 'm');
  EXPECT_LE(std::stoi(timeout), 200);
}

TEST(OtlpGrpc, S12_compresses_each_message_and_says_so) {
  GrpcMock mock(always(grpc_ok()));
  for (const auto& [compression, name] :
       {std::pair{Compression::kGzip, "gzip"}, std::pair{Compression::kZstd, "zstd"}}) {
    auto config = plain_config(mock.url());
    config.compression = compression;
    Sender sender(config);
    EXPECT_EQ(sender.send().kind, Kind::kAccepted);
    const auto request = mock.seen().back();
    EXPECT_EQ(request.headers.at("grpc-encoding"), name);
    const std::string_view body = request.body;
    EXPECT_EQ(request.body, grpc_frame(body.substr(5), '\1'));
    EXPECT_EQ(decompress(name, body.substr(5), 1'000).value(), Sender::sample());
  }
}

TEST(OtlpGrpc, S12_reads_a_compressed_answer) {
  std::string packed;
  ASSERT_TRUE(Compressor(ContentCoding::kGzip).compress(partial_success(4, "x"), packed));
  auto answer = grpc_ok();
  answer.headers.emplace_back("grpc-encoding", "gzip");
  answer.data = grpc_frame(packed, '\1');
  EXPECT_EQ(outcome_with(answer).rejected, 4U);
}

TEST(OtlpGrpc, S12_takes_the_meaning_from_http_when_there_is_no_grpc_status) {
  GrpcAnswer page;
  page.headers = {{":status", "503"}, {"content-type", "text/html"}};
  page.data = "<html>503</html>";
  EXPECT_EQ(outcome_with(page).kind, Kind::kRetry);
  page.headers[0].second = "404";
  EXPECT_EQ(outcome_with(page).kind, Kind::kRejected);
  page.headers[0].second = "200";
  EXPECT_THAT(outcome_with(page).reason, AllOf(HasSubstr("text/html"), HasSubstr("not gRPC")));
  auto unfinished = grpc_ok();
  unfinished.trailers.clear();
  EXPECT_EQ(outcome_with(unfinished).kind, Kind::kRejected);
}

TEST(OtlpGrpc, S14_counts_an_unreadable_success_as_accepted) {
  auto answer = grpc_ok();
  for (const auto& data : {std::string("\1"), grpc_frame("\xff\xff\xff"), std::string("<html>")}) {
    answer.data = data;
    const auto outcome = outcome_with(answer);
    EXPECT_EQ(outcome.kind, Kind::kAccepted);
    EXPECT_EQ(outcome.rejected, 0U);
    EXPECT_NE(outcome.reason, "");
  }
}

TEST(OtlpGrpc, S16_holds_no_more_than_4_MiB_of_an_answer) {
  auto answer = grpc_ok();
  answer.data = grpc_frame(std::string(5U << 20U, 'x'));
  EXPECT_EQ(outcome_with(answer).kind, Kind::kRejected);
  std::string bomb;
  ASSERT_TRUE(Compressor(ContentCoding::kGzip).compress(std::string(200U << 20U, '\0'), bomb));
  answer.headers.emplace_back("grpc-encoding", "gzip");
  answer.data = grpc_frame(bomb, '\1');
  const auto outcome = outcome_with(answer);
  EXPECT_EQ(outcome.kind, Kind::kAccepted);  // grpc-status said so
  EXPECT_NE(outcome.reason, "");
}

TEST(OtlpGrpc, S17_takes_larger_than_max_for_too_large) {
  EXPECT_EQ(outcome_with(grpc_error(8, "grpc: received message larger than max (9 vs. 4)")).kind,
            Kind::kTooLarge);
}

TEST(OtlpGrpc, S17_reads_an_answer_that_comes_before_the_body_was_sent) {
  GrpcMock mock(always(grpc_error(8, "received message larger than max")),
                {},
                GrpcMock::When::kBeforeTheBody);
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send(std::string(20U << 20U, 'x')).kind, Kind::kTooLarge);
  EXPECT_EQ(sender.send().kind, Kind::kTooLarge);
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST(OtlpGrpc, S30_names_the_product_before_the_exporter) {
  GrpcMock mock(always(grpc_ok()));
  auto config = plain_config(mock.url());
  config.headers = {{"Api-Key", "abc"}};
  Sender sender(config);
  sender.send();
  EXPECT_EQ(mock.seen().at(0).headers.at("user-agent"),
            "plumbline/0.0.0-test OTel-OTLP-Exporter-Cpp/0.0.0-test");
  EXPECT_EQ(mock.seen().at(0).headers.at("api-key"), "abc");
}

TEST(OtlpGrpc, SendsMoreThanTheWindowsOfTheConnection) {
  GrpcMock mock(always(grpc_ok()));
  Sender sender(plain_config(mock.url()));
  std::string large(10U << 20U, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i % 251);
  EXPECT_EQ(sender.send(large).kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().at(0).body, grpc_frame(large));
}

TEST(OtlpGrpc, ReadsAnAnswerThatComesByteByByte) {
  auto answer = grpc_ok(partial_success(1, "x"));
  answer.byte_by_byte = true;
  GrpcMock mock(always(answer));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sender.send().rejected, 1U);
}

TEST(OtlpGrpc, TellsAPortThatDoesNotSpeakHttp2) {
  EXPECT_THAT(outcome_with_bytes("HTTP/1.1 400 Bad Request\r\n\r\n").reason, HasSubstr("4318"));
  EXPECT_THAT(outcome_with_bytes(std::string("\x15\x03\x01\0\2\2\x46", 7)).reason,
              HasSubstr("grpcs://"));
  for (const auto* bytes : {"SSH-2.0-OpenSSH_9.2\r\n and so on and on and on", "", "\1"}) {
    const auto outcome = outcome_with_bytes(bytes);
    EXPECT_EQ(outcome.kind, Kind::kUnreachable);
    EXPECT_NE(outcome.reason, "");
  }
}

// The connection by itself: is a silent peer alive?
class Http2Ping : public testing::Test {
 protected:
  bool answers(const std::string& address) {
    boost::asio::io_context context(1);
    bool alive = false;
    boost::asio::co_spawn(
        context,
        [&]() -> boost::asio::awaitable<void> {
          const Dialer dialer{.url = parse_url("grpc://" + address).value(),
                              .tls = nullptr,
                              .server_name = {},
                              .alpn = Alpn::kHttp2};
          auto stream = co_await open_stream(dialer, steady_clock::now() + seconds(1));
          auto connection = Http2Connection::start(context.get_executor(), *std::move(stream));
          alive = co_await connection->answers(milliseconds(200));
          connection->close();
        },
        boost::asio::detached);
    context.run();
    return alive;
  }
};

TEST_F(Http2Ping, FindsOutWhetherAnIdlePeerIsStillThere) {
  GrpcMock mock(always(grpc_ok()));
  EXPECT_TRUE(answers(mock.server().address()));
  EXPECT_EQ(mock.pings(), 1);
  const MockServer dead([](Peer& peer) { peer.hang(); });
  EXPECT_FALSE(answers(dead.address()));
}

}  // namespace
}  // namespace plumbline
