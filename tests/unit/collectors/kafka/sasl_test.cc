// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/sasl.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/kafka/wire/scram.h"

namespace plumbline::kafka {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

TEST(Sasl, PlainSendsUserAndPasswordAtOnce) {
  const auto exchange = make_sasl_exchange(
      {.mechanism = SaslMechanism::kPlain, .user = "ann", .secret = "pw"}, "", "");
  EXPECT_EQ(*exchange->first(), "\0ann\0pw"s);
  EXPECT_TRUE(exchange->next(""));
  EXPECT_TRUE(exchange->done());
}

TEST(Sasl, OauthbearerSendsTheTokenAndTellsWhyItIsRefused) {
  const auto exchange =
      make_sasl_exchange({.mechanism = SaslMechanism::kOauthBearer, .secret = "abc"}, "", "");
  EXPECT_EQ(*exchange->first(),
            "n,,\x01"
            "auth=Bearer abc\x01\x01");
  EXPECT_TRUE(exchange->next(""));
  const auto refused = exchange->next("{\"status\":\"invalid_token\"}");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("invalid_token"));
}

// RFC 7677, section 3.
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

std::unique_ptr<SaslExchange> rfc_exchange() {
  return make_sasl_exchange(
      {.mechanism = SaslMechanism::kScramSha256, .user = "user", .secret = "pencil"},
      "rOprNGfwEbeRWgbNEkqO",
      "");
}

TEST(Sasl, ScramIsAsItsStandardHasIt) {
  const auto exchange = rfc_exchange();
  EXPECT_EQ(*exchange->first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const auto proof = exchange->next(kServerFirst);
  ASSERT_TRUE(proof);
  EXPECT_EQ(*proof,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_FALSE(exchange->done());
  ASSERT_TRUE(exchange->next("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  EXPECT_TRUE(exchange->done());
}

TEST(Sasl, ScramDoesNotBelieveABrokerThatDoesNotKnowThePassword) {
  for (const auto* last : {"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "", "v=AAAA"}) {
    const auto exchange = rfc_exchange();
    ASSERT_TRUE(exchange->first());
    ASSERT_TRUE(exchange->next(kServerFirst));
    const auto end = exchange->next(last);
    ASSERT_FALSE(end) << last;
    EXPECT_EQ(end.error().code, Errc::kDenied);
    EXPECT_FALSE(exchange->done());
  }
}

TEST(Sasl, ScramRefusesChallengesThatMakeNoSense) {
  for (const auto* challenge : {"",
                                "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                                "r=rOprNGfwEbeRWgbNEkqOx,s=!!,i=4096",
                                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
                                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000",
                                "r=rOprNGfwEbeRWgbNEkqOx,i=4096"}) {
    const auto exchange = rfc_exchange();
    ASSERT_TRUE(exchange->first());
    EXPECT_FALSE(exchange->next(challenge)) << challenge;
  }
}

TEST(Sasl, NamesWithCommasAndEqualSignsAreEscaped) {
  const auto exchange = make_sasl_exchange(
      {.mechanism = SaslMechanism::kScramSha512, .user = "a,b=c", .secret = "x"}, "nonce", "");
  EXPECT_EQ(*exchange->first(), "n,,n=a=2Cb=3Dc,r=nonce");
}

TEST(Sasl, NoncesDiffer) {
  EXPECT_NE(random_nonce(), random_nonce());
  EXPECT_EQ(random_nonce().size(), 48U);
}

}  // namespace
}  // namespace plumbline::kafka
