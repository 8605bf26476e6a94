// SPDX-License-Identifier: Apache-2.0
#include "agent/config/checks.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "agent/config/findings.h"
#include "agent/config/kafka_checks.h"
#include "agent/config/redact.h"
#include "agent/config/suggest.h"
#include "agent/config/value.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

// RFC 9110, "token".
bool is_header_name(std::string_view name) {
  constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kExtra.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

// Set by the exporters themselves.
constexpr std::array kOwnHeaders{"content-type",
                                 "content-length",
                                 "content-encoding",
                                 "host",
                                 "te",
                                 "transfer-encoding",
                                 "connection"};

bool is_own_header(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(kOwnHeaders.begin(), kOwnHeaders.end(), name) != kOwnHeaders.end();
}

// Checks one destination and places what it finds.
class DestinationCheck {
 public:
  DestinationCheck(OtlpConfig& otlp, Findings& findings) : otlp_(otlp), findings_(findings) {}

  void run() {
    check_headers();
    check_filter(otlp_.filter, findings_);
    if (otlp_.endpoint.empty()) {
      // One that was written but makes no sense was told of already.
      if (!findings_.has_place("endpoint")) {
        findings_.add("", "the destination has no endpoint", "endpoint: grpc://HOST:4317");
      }
      return;
    }
    const auto url = parse_url(otlp_.endpoint);
    if (!url) return;
    const bool grpc = url->scheme.starts_with("grpc");
    otlp_.protocol = grpc ? OtlpProtocol::kGrpc : OtlpProtocol::kHttpProtobuf;
    check_scheme(*url, grpc);
    check_tls(*url);
  }

 private:
  void check_scheme(const Url& url, bool grpc) {
    if (grpc && url.path.size() > 1) {
      findings_.add(
          "endpoint", "gRPC has no path", "", fmt::format("{}://{}", url.scheme, url.authority()));
    }
    const std::string tls = url.tls() ? "s" : "";
    if (grpc && url.port == 4318) {
      findings_.warn("endpoint",
                     "4318 is the port of OTLP over HTTP",
                     fmt::format("http{}://{}", tls, url.authority()));
    }
    if (!grpc && url.port == 4317) {
      findings_.warn("endpoint",
                     "4317 is the port of OTLP over gRPC",
                     fmt::format("grpc{}://{}", tls, url.authority()));
    }
  }

  void check_tls(const Url& url) {
    const bool has_certificate = !otlp_.certificate_file.empty();
    if (has_certificate != !otlp_.key_file.empty()) {
      findings_.add(
          has_certificate ? "certificate_file" : "key_file",
          has_certificate ? "certificate_file needs key_file" : "key_file needs certificate_file",
          "both or none");
    }
    if (url.tls()) {
      check_key_mode(otlp_.key_file, "key_file", findings_);
      return;
    }
    const std::array<std::pair<std::string_view, const std::string*>, 4> settings{
        {{"ca_file", &otlp_.ca_file},
         {"certificate_file", &otlp_.certificate_file},
         {"key_file", &otlp_.key_file},
         {"server_name", &otlp_.server_name}}};
    for (const auto& [key, value] : settings) {
      if (value->empty()) continue;
      findings_.add(key,
                    fmt::format("{} has no meaning for {}://", key, url.scheme),
                    fmt::format("{}s:// in the endpoint", url.scheme));
    }
    if (!is_loopback(url.host)) check_plaintext(url);
  }

  void check_plaintext(const Url& url) {
    const auto what = fmt::format(
        "credentials would cross the network unencrypted: the endpoint is {}://", url.scheme);
    if (!otlp_.bearer_token_file.empty()) findings_.warn("bearer_token_file", what);
    if (!otlp_.headers_file.empty()) findings_.warn("headers_file", what);
    for (const auto& [name, value] : otlp_.headers) {
      if (sounds_secret(name)) findings_.warn(fmt::format("headers.{}", name), what);
    }
  }

  void check_headers() {
    for (const auto& [name, value] : otlp_.headers) {
      const auto key = fmt::format("headers.{}", name);
      if (!is_header_name(name)) {
        findings_.add(key,
                      fmt::format("{} cannot be the name of a header", in_quotes(name)),
                      "letters, digits and '-'");
      } else if (is_own_header(name)) {
        findings_.add(key, fmt::format("the agent sets the header {} itself", in_quotes(name)));
      } else if (!is_header_value(value)) {
        findings_.add(
            key,
            fmt::format("the value of the header {} has a control character", in_quotes(name)),
            "one line of text");
      }
    }
  }

  OtlpConfig& otlp_;
  Findings& findings_;
};

}  // namespace

void check_destinations(Config& config, const Places& places, std::vector<Problem>& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < config.otlp.size(); ++i) {
    Findings findings(fmt::format("otlp[{}]", i), "OTLP destination", places, problems);
    DestinationCheck(config.otlp[i], findings).run();
    const auto url = parse_url(config.otlp[i].endpoint);
    const auto own = url ? fmt::format("otlp:{}", url->authority()) : std::string();
    check_name({.name = config.otlp[i].name, .own = own, .own_key = "endpoint"}, names, findings);
  }
  for (std::size_t i = 0; i < config.kafka.size(); ++i) {
    const auto& kafka = config.kafka[i];
    Findings findings(fmt::format("kafka[{}]", i), "Kafka destination", places, problems);
    check_kafka(kafka, findings);
    check_name({.name = kafka.name, .own = own_name(kafka), .own_key = "brokers"}, names, findings);
  }
}

}  // namespace plumbline
