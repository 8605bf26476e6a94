// SPDX-License-Identifier: Apache-2.0
//
// OTLP over HTTP/1.1 against a scriptable server. The number in a test's name is that of the
// statement in README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "agent/http/content_coding.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/sender.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

HttpMock::Script always(HttpAnswer answer) {
  return [answer = std::move(answer)](const HttpSeen&) { return answer; };
}
HttpMock::Script always(std::string bytes) {
  return always(HttpAnswer{.bytes = std::move(bytes)});
}

// What comes of one request to a server that always answers so.
SendOutcome outcome_with(HttpAnswer answer) {
  HttpMock mock(always(std::move(answer)));
  Sender sender(plain_config(mock.url()));
  return sender.send();
}
SendOutcome outcome_with(std::string bytes) {
  return outcome_with(HttpAnswer{.bytes = std::move(bytes)});
}

std::string gzipped(std::string_view text) {
  std::string out;
  EXPECT_TRUE(Compressor(ContentCoding::kGzip).compress(text, out));
  return out;
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

class OtlpHttpSignal : public testing::TestWithParam<Signal> {};

TEST_P(OtlpHttpSignal, S5_S12_S25_posts_protobuf_and_reads_partial_success) {
  HttpMock mock(always(http_bytes(200, partial_success(2, "bad names"))));
  Sender sender(plain_config(mock.url() + "/base"));
  const auto outcome = sender.send(Sender::sample(), GetParam());
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_EQ(outcome.rejected, 2U);
  EXPECT_EQ(outcome.reason, "bad names");
  const auto seen = mock.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].target, "/base/v1/" + std::string(to_string(GetParam())));
  EXPECT_EQ(seen[0].headers.at("content-type"), "application/x-protobuf");
  EXPECT_FALSE(seen[0].headers.contains("content-encoding"));
  EXPECT_EQ(seen[0].body, Sender::sample());
}

INSTANTIATE_TEST_SUITE_P(Http,
                         OtlpHttpSignal,
                         testing::Values(Signal::kMetrics, Signal::kTraces, Signal::kLogs),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(OtlpHttp, S7_hears_how_long_to_wait) {
  const auto outcome = outcome_with(http_bytes(429, {}, {{"Retry-After", "17"}}));
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.retry_after, seconds(17));
}

TEST(OtlpHttp, S9_keeps_one_connection_for_many_exports) {
  HttpMock mock(always(http_bytes(200)));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 20U);
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST(OtlpHttp, S9_opens_a_new_connection_when_the_idle_one_was_closed) {
  HttpMock mock(always({.bytes = http_bytes(200), .then = HttpAnswer::Then::kClose}));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sender.send().kind, Kind::kAccepted);
    sender.run_for(milliseconds(20));
  }
  EXPECT_EQ(mock.seen().size(), 3U);
  EXPECT_EQ(mock.server().connections(), 3);
}

TEST(OtlpHttp, S9_sends_again_when_a_kept_connection_dies_under_the_request) {
  int requests = 0;
  HttpMock mock([&requests](const HttpSeen&) {
    if (++requests == 2) return HttpAnswer{.then = HttpAnswer::Then::kReset};
    return HttpAnswer{.bytes = http_bytes(200)};
  });
  Sender sender(plain_config(mock.url()));
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().size(), 3U);
}

TEST(OtlpHttp, S9_takes_a_disconnect_without_an_answer_for_retry) {
  for (const auto then : {HttpAnswer::Then::kClose, HttpAnswer::Then::kReset}) {
    EXPECT_EQ(outcome_with(HttpAnswer{.then = then}).kind, Kind::kUnreachable);
    EXPECT_EQ(outcome_with(HttpAnswer{.bytes = "HTTP/1.1 200 OK\r\nContent-", .then = then}).kind,
              Kind::kUnreachable);
  }
}

TEST(OtlpHttp, S9_says_who_cannot_be_connected_to) {
  std::string url;
  {
    const HttpMock gone(always(http_bytes(200)));
    url = gone.url();
  }
  Sender sender(plain_config(url));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason,
              AllOf(HasSubstr("cannot connect to 127.0.0.1"), HasSubstr("refused")));
}

TEST(OtlpHttp, S9_says_which_name_cannot_be_looked_up) {
  Sender sender(plain_config("http://no-such-host.invalid:4318"));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("no-such-host.invalid"));
}

TEST(OtlpHttp, EndsWithinItsTimeoutWhateverTheServerDoes) {
  const std::vector<HttpAnswer> slow{
      {.then = HttpAnswer::Then::kHang},
      {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", .then = HttpAnswer::Then::kHang},
      {.bytes = "HTTP/1.1 100 Continue\r\n\r\n", .then = HttpAnswer::Then::kHang}};
  for (const auto& answer : slow) {
    HttpMock mock(always(answer));
    Sender sender(plain_config(mock.url()));
    const auto begin = steady_clock::now();
    const auto outcome = sender.send(Sender::sample(), Signal::kMetrics, milliseconds(200));
    EXPECT_EQ(outcome.kind, Kind::kUnreachable);
    EXPECT_THAT(outcome.reason, HasSubstr("in time"));
    EXPECT_LT(steady_clock::now() - begin, seconds(2));
  }
}

TEST(OtlpHttp, S10_follows_no_redirect_so_credentials_go_nowhere_else) {
  HttpMock other(always(http_bytes(200)));
  HttpMock mock(always(http_bytes(307, {}, {{"Location", other.url() + "/v1/metrics"}})));
  auto config = plain_config(mock.url());
  config.headers = {{"api-key", "hunter2"}};
  Sender sender(config);
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kRejected);
  EXPECT_THAT(outcome.reason, HasSubstr(other.url()));
  EXPECT_EQ(other.server().connections(), 0);
}

TEST(OtlpHttp, S10_reads_past_interim_answers) {
  const auto outcome = outcome_with(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n\r\n" + http_bytes(400));
  EXPECT_EQ(outcome.kind, Kind::kRejected);
}

TEST(OtlpHttp, S12_compresses_the_body_and_says_so) {
  HttpMock mock(always(http_bytes(200)));
  for (const auto& [compression, name] :
       {std::pair{Compression::kGzip, "gzip"}, std::pair{Compression::kZstd, "zstd"}}) {
    auto config = plain_config(mock.url());
    config.compression = compression;
    Sender sender(config);
    const auto outcome = sender.send();
    const auto request = mock.seen().back();
    EXPECT_EQ(outcome.sent_bytes, request.body.size());
    EXPECT_EQ(request.headers.at("content-encoding"), name);
    EXPECT_EQ(decompress(name, request.body, 1'000).value(), Sender::sample());
  }
}

TEST(OtlpHttp, S13_shows_the_page_of_a_proxy_and_retries_by_the_status) {
  const std::string page = "<html><h1>502 Bad Gateway</h1>" + std::string(50'000, 'x') + "</html>";
  const auto outcome = outcome_with(http_bytes(502, page, {{"Content-Type", "text/html"}}));
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.reason, HasSubstr("502 Bad Gateway"));
  EXPECT_LT(outcome.reason.size(), 300U);
}

TEST(OtlpHttp, S13_reads_a_compressed_error_body) {
  std::string status;
  protozero::pbf_writer(status).add_string(2, "no such tenant");
  const auto outcome = outcome_with(
      http_bytes(400,
                 gzipped(status),
                 {{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "gzip"}}));
  EXPECT_THAT(outcome.reason, HasSubstr("no such tenant"));
}

TEST(OtlpHttp, S14_counts_an_unreadable_success_as_accepted) {
  auto outcome = outcome_with(http_bytes(200, "<html>hello</html>"));
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_NE(outcome.reason, "");
  outcome = outcome_with(HttpAnswer{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nab",
                                    .then = HttpAnswer::Then::kClose});
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_NE(outcome.reason, "");
}

TEST(OtlpHttp, S16_holds_no_more_than_4_MiB_of_an_answer) {
  const auto bomb = gzipped(std::string(200U << 20U, '\0'));
  EXPECT_LT(bomb.size(), 2U << 20U);
  for (const int status : {200, 400}) {
    const auto begin = steady_clock::now();
    const std::vector<std::string> answers{
        http_bytes(status, bomb, {{"Content-Encoding", "gzip"}}),
        "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: 4294967296\r\n\r\nabc",
        http_bytes(status, std::string(5U << 20U, 'x')),
        "HTTP/1.1 " + std::to_string(status) +
            " x\r\nTransfer-Encoding: chunked\r\n\r\n500000\r\n" + std::string(5U << 20U, 'x')};
    for (const auto& answer : answers) {
      const auto outcome =
          outcome_with(HttpAnswer{.bytes = answer, .then = HttpAnswer::Then::kHang});
      EXPECT_EQ(outcome.kind, status == 200 ? Kind::kAccepted : Kind::kRejected);
      EXPECT_LT(outcome.reason.size(), 300U);
    }
    EXPECT_LT(steady_clock::now() - begin, seconds(5));
  }
}

TEST(OtlpHttp, S16_does_not_read_headers_without_end) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < (1U << 20U)) head += "X-Long: " + std::string(1'000, 'x') + "\r\n";
  const auto outcome = outcome_with(HttpAnswer{.bytes = head, .then = HttpAnswer::Then::kHang});
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
}

TEST(OtlpHttp, S17_takes_413_for_too_large) {
  EXPECT_EQ(outcome_with(http_bytes(413)).kind, Kind::kTooLarge);
}

TEST(OtlpHttp, S17_reads_a_413_that_comes_before_the_body_was_read) {
  const MockServer server([](Peer& peer) {
    std::array<char, 1024> some{};
    peer.read_some(some);
    peer.write(http_bytes(413, {}, {{"Connection", "close"}}));
    peer.close_sending();
    std::this_thread::sleep_for(milliseconds(500));  // reads nothing more, then resets
  });
  Sender sender(plain_config("http://" + server.address()));
  const std::string huge(30U << 20U, 'x');
  const auto begin = steady_clock::now();
  EXPECT_EQ(sender.send(huge).kind, Kind::kTooLarge);
  EXPECT_LT(steady_clock::now() - begin, milliseconds(450));
}

TEST(OtlpHttp, S25_uses_the_url_of_one_signal_as_it_is) {
  HttpMock mock(always(http_bytes(200)));
  for (const auto& [path, target] : {std::pair{"/in?team=a", "/in?team=a"}, std::pair{"", "/"}}) {
    auto config = plain_config(mock.url() + path);
    config.per_signal_path = true;
    Sender sender(config);
    EXPECT_EQ(sender.send().kind, Kind::kAccepted);
    EXPECT_EQ(mock.seen().back().target, target);
  }
}

TEST(OtlpHttp, S30_names_the_product_before_the_exporter) {
  HttpMock mock(always(http_bytes(200)));
  Sender sender(plain_config(mock.url()));
  sender.send();
  EXPECT_EQ(mock.seen().at(0).headers.at("user-agent"),
            "plumbline/0.0.0-test OTel-OTLP-Exporter-Cpp/0.0.0-test");
}

TEST(OtlpHttp, SendsTheTokenThatIsInItsFileNow) {
  const TempDir dir;
  HttpMock mock(always(http_bytes(200)));
  auto config = plain_config(mock.url());
  config.bearer_token_file = dir.write("token", "first");
  Sender sender(config);
  sender.send();
  dir.write("token", "the second");
  sender.send();
  EXPECT_EQ(mock.seen().at(0).headers.at("authorization"), "Bearer first");
  EXPECT_EQ(mock.seen().at(1).headers.at("authorization"), "Bearer the second");
}

TEST(OtlpHttp, ReadsAnAnswerThatComesByteByByte) {
  HttpMock mock(always(
      {.bytes = http_bytes(200, partial_success(1, "x")), .pace = HttpAnswer::Pace::kByteByByte}));
  Sender sender(plain_config(mock.url()));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sender.send().rejected, 1U);
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST(OtlpHttp, TellsAPortThatDoesNotSpeakHttp) {
  for (const auto& [bytes, hint] :
       {std::pair{std::string("\0\0\x06\x04\0\0\0\0\0\0\x05\0\0@\0", 15), "4317"},
        std::pair{std::string("\x15\x03\x01\0\2\2\x46", 7), "https://"},
        std::pair{std::string("SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP"}}) {
    const auto outcome = outcome_with(HttpAnswer{.bytes = bytes, .then = HttpAnswer::Then::kClose});
    EXPECT_EQ(outcome.kind, Kind::kUnreachable);
    EXPECT_THAT(outcome.reason, HasSubstr(hint));
  }
}

}  // namespace
}  // namespace plumbline
