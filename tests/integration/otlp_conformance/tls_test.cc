// SPDX-License-Identifier: Apache-2.0
//
// Both transports over TLS: whom they trust, who they are, and files that change under them.
#include <array>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/pki.h"
#include "tests/integration/otlp_conformance/sender.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using testing::HasSubstr;

const std::string kH2 = "\x02h2";

HttpAnswer ok(const HttpSeen& /*seen*/) {
  return {.bytes = http_bytes(200)};
}

class OtlpTls : public testing::Test {
 protected:
  static ServerTls server_with(const TestCa::Files& files, std::string client_ca = {}) {
    return {.certificate_file = files.certificate_file,
            .key_file = files.key_file,
            .client_ca_file = std::move(client_ca),
            .alpn = {}};
  }
  OtlpConfig config_for(MockServer& server) const {
    auto config = plain_config("https://" + server.address());
    config.ca_file = ca_.ca_file();
    return config;
  }
  static void copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }

  TempDir dir_;
  TestCa ca_{dir_, "ca"};
  TestCa other_ca_{dir_, "other"};
};

TEST_F(OtlpTls, SendsToAServerItTrustsOverOneConnection) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1")));
  Sender sender(config_for(mock.server()));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST_F(OtlpTls, SpeaksGrpcAfterAgreeingOnHttp2) {
  auto tls = server_with(ca_.issue("127.0.0.1"));
  tls.alpn = kH2;
  GrpcMock mock([](const GrpcSeen&) { return grpc_ok(); }, tls);
  auto config = config_for(mock.server());
  config.endpoint = "grpcs://" + mock.server().address();
  Sender sender(config);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.seen().at(0).headers.at(":scheme"), "https");
  EXPECT_EQ(mock.server().connections(), 1);
}

TEST_F(OtlpTls, TellsAServerThatDoesNotOfferHttp2) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1")));
  auto config = config_for(mock.server());
  config.endpoint = "grpcs://" + mock.server().address();
  Sender sender(config);
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("4318"));
}

TEST_F(OtlpTls, SendsNothingToAServerItDoesNotTrust) {
  HttpMock mock(ok, server_with(other_ca_.issue("127.0.0.1")));
  Sender sender(config_for(mock.server()));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("not trusted"));
  EXPECT_TRUE(mock.seen().empty());
}

TEST_F(OtlpTls, SendsNothingToACertificateThatHasExpired) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1", -1)));
  Sender sender(config_for(mock.server()));
  EXPECT_THAT(sender.send().reason, HasSubstr("expired"));
  EXPECT_TRUE(mock.seen().empty());
}

TEST_F(OtlpTls, SendsNothingToACertificateWithAnotherName) {
  HttpMock mock(ok, server_with(ca_.issue("collector.prod")));
  auto config = config_for(mock.server());
  {
    Sender sender(config);
    const auto outcome = sender.send();
    EXPECT_EQ(outcome.kind, Kind::kUnreachable);
    EXPECT_THAT(outcome.reason, HasSubstr("is not for 127.0.0.1"));
  }
  EXPECT_TRUE(mock.seen().empty());
  config.server_name = "collector.prod";
  Sender sender(config);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
}

TEST_F(OtlpTls, ShowsItsOwnCertificateToAServerThatAsks) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1"), other_ca_.ca_file()));
  auto config = config_for(mock.server());
  {
    Sender stranger(config);
    EXPECT_EQ(stranger.send().kind, Kind::kUnreachable);
  }
  const auto mine = other_ca_.issue("agent");
  config.certificate_file = mine.certificate_file;
  config.key_file = mine.key_file;
  Sender sender(config);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
}

TEST_F(OtlpTls, TakesARotatedAuthorityAndCertificateWithoutARestart) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1"), ca_.ca_file()));
  auto config = config_for(mock.server());
  const auto mine = ca_.issue("agent");
  config.ca_file = dir_.path() / "trusted.pem";
  config.certificate_file = dir_.path() / "me.crt";
  config.key_file = dir_.path() / "me.key";
  copy(ca_.ca_file(), config.ca_file);
  copy(mine.certificate_file, config.certificate_file);
  copy(mine.key_file, config.key_file);
  Sender sender(config);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);

  mock.server().set_tls(server_with(other_ca_.issue("127.0.0.1"), other_ca_.ca_file()));
  const auto next = other_ca_.issue("agent");
  copy(other_ca_.ca_file(), config.ca_file);
  copy(next.certificate_file, config.certificate_file);
  copy(next.key_file, config.key_file);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(mock.server().connections(), 2);
}

TEST_F(OtlpTls, KeepsTheLastGoodAuthorityWhenTheFileIsBad) {
  HttpMock mock(ok, server_with(ca_.issue("127.0.0.1")));
  auto config = config_for(mock.server());
  config.ca_file = dir_.path() / "trusted.pem";
  copy(ca_.ca_file(), config.ca_file);
  Sender sender(config);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  std::ofstream(config.ca_file) << "half a certifi";
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(sender.log().warnings(), 1U);
}

TEST_F(OtlpTls, TellsAPortThatDoesNotSpeakTls) {
  MockServer server([](Peer& peer) {
    std::array<char, 1024> hello{};
    peer.read_some(hello);
    peer.write(http_bytes(400));
  });
  Sender sender(config_for(server));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kUnreachable);
  EXPECT_THAT(outcome.reason, HasSubstr("speak TLS"));
}

}  // namespace
}  // namespace plumbline
