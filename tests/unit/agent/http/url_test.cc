// SPDX-License-Identifier: Apache-2.0
#include "agent/http/url.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

TEST(Url, ReadsEachPart) {
  const auto url = parse_url("HTTPS://Collector.prod:8443/otlp/v1?team=a").value();
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "Collector.prod");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/otlp/v1?team=a");
  EXPECT_TRUE(url.tls());
  EXPECT_EQ(url.authority(), "Collector.prod:8443");
}

TEST(Url, TakesThePortOfTheSchemeWhenThereIsNone) {
  EXPECT_EQ(parse_url("http://a").value().port, 80);
  EXPECT_EQ(parse_url("https://a/").value().port, 443);
  EXPECT_EQ(parse_url("grpc://a").value().port, 4317);
  EXPECT_EQ(parse_url("grpcs://a").value().port, 4317);
}

TEST(Url, ReadsAddressesOfIpVersion6) {
  const auto url = parse_url("grpc://[2001:db8::1]:4317").value();
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.authority(), "[2001:db8::1]:4317");
  EXPECT_FALSE(parse_url("grpc://[2001:db8::1"));
  EXPECT_FALSE(parse_url("grpc://[nonsense]:1"));
  EXPECT_FALSE(parse_url("grpc://2001:db8::1:4317"));
}

TEST(Url, TellsAMissingPathFromTheRoot) {
  EXPECT_EQ(parse_url("http://a").value().path, "");
  EXPECT_EQ(parse_url("http://a/").value().path, "/");
  EXPECT_EQ(parse_url("http://a?b").value().path, "/?b");
}

TEST(Url, RefusesWhatIsNoUrlOfADestination) {
  for (const auto* text : {"",
                           "collector:4317",
                           "ftp://a",
                           "http://",
                           "http://:80",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:",
                           "http://a:8x",
                           "http://a b",
                           "http://a\r\nX: y",
                           "http://a/#part",
                           "http://a^b"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, NeverRepeatsAPassword) {
  const auto url = parse_url("http://me:hunter2@collector:4318");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().what.find("hunter2"), std::string::npos);
  // An '@' behind the host is no user name.
  EXPECT_TRUE(parse_url("http://collector/a@b"));
}

}  // namespace
}  // namespace plumbline
