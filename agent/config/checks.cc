// SPDX-License-Identifier: Apache-2.0
#include "agent/config/checks.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

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

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Checks one destination and places what it finds.
class DestinationCheck {
 public:
  DestinationCheck(OtlpConfig& otlp,
                   std::string place,
                   const Places& places,
                   std::vector<Problem>& problems)
      : otlp_(otlp), place_(std::move(place)), places_(places), problems_(problems) {}

  // The name is what the journal knows a destination by.
  void check_name(std::set<std::string>& names) {
    auto name = otlp_.name;
    if (const auto url = parse_url(otlp_.endpoint); name.empty() && url) name = url->authority();
    if (name.empty() || names.insert(name).second) return;
    add(otlp_.name.empty() ? "endpoint" : "name",
        fmt::format("another destination has {} too", quoted(name)),
        "a name for each, such as name: backup");
  }

  void run() {
    check_headers();
    check_filter();
    if (otlp_.endpoint.empty()) {
      // One that was written but makes no sense was told of already.
      if (!places_.contains(place_ + ".endpoint")) {
        add("", "the destination has no endpoint", "endpoint: grpc://HOST:4317");
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
  void check_filter() {
    static const std::array<std::string, 3> kKnown{"metrics", "traces", "logs"};
    for (const auto& signal : otlp_.filter.signals) {
      if (std::ranges::find(kKnown, signal) != kKnown.end()) continue;
      add("filter.signals",
          fmt::format("there is no signal {}", quoted(signal)),
          "metrics, traces or logs",
          closest(signal, kKnown));
    }
  }

  void check_scheme(const Url& url, bool grpc) {
    if (grpc && url.path.size() > 1) {
      add("endpoint", "gRPC has no path", "", fmt::format("{}://{}", url.scheme, url.authority()));
    }
    const std::string tls = url.tls() ? "s" : "";
    if (grpc && url.port == 4318) {
      warn("endpoint",
           "4318 is the port of OTLP over HTTP",
           fmt::format("http{}://{}", tls, url.authority()));
    }
    if (!grpc && url.port == 4317) {
      warn("endpoint",
           "4317 is the port of OTLP over gRPC",
           fmt::format("grpc{}://{}", tls, url.authority()));
    }
  }

  void check_tls(const Url& url) {
    const bool has_certificate = !otlp_.certificate_file.empty();
    if (has_certificate != !otlp_.key_file.empty()) {
      add(has_certificate ? "certificate_file" : "key_file",
          has_certificate ? "certificate_file needs key_file" : "key_file needs certificate_file",
          "both or none");
    }
    if (url.tls()) {
      check_key_mode();
      return;
    }
    const std::array<std::pair<std::string_view, const std::string*>, 4> settings{
        {{"ca_file", &otlp_.ca_file},
         {"certificate_file", &otlp_.certificate_file},
         {"key_file", &otlp_.key_file},
         {"server_name", &otlp_.server_name}}};
    for (const auto& [key, value] : settings) {
      if (value->empty()) continue;
      add(key,
          fmt::format("{} has no meaning for {}://", key, url.scheme),
          fmt::format("{}s:// in the endpoint", url.scheme));
    }
    if (!is_loopback(url.host)) check_plaintext(url);
  }

  void check_plaintext(const Url& url) {
    const auto what = fmt::format(
        "credentials would cross the network unencrypted: the endpoint is {}://", url.scheme);
    if (!otlp_.bearer_token_file.empty()) warn("bearer_token_file", what);
    if (!otlp_.headers_file.empty()) warn("headers_file", what);
    for (const auto& [name, value] : otlp_.headers) {
      if (sounds_secret(name)) warn(fmt::format("headers.{}", name), what);
    }
  }

  void check_key_mode() {
    struct stat status {};
    if (otlp_.key_file.empty() || ::stat(otlp_.key_file.c_str(), &status) != 0) return;
    if ((status.st_mode & S_IROTH) == 0) return;
    warn("key_file", fmt::format("every user of this machine can read {}", quoted(otlp_.key_file)));
  }

  void check_headers() {
    for (const auto& [name, value] : otlp_.headers) {
      const auto key = fmt::format("headers.{}", name);
      if (!is_header_name(name)) {
        add(key,
            fmt::format("{} cannot be the name of a header", quoted(name)),
            "letters, digits and '-'");
      } else if (is_own_header(name)) {
        add(key, fmt::format("the agent sets the header {} itself", quoted(name)));
      } else if (!is_header_value(value)) {
        add(key,
            fmt::format("the value of the header {} has a control character", quoted(name)),
            "one line of text");
      }
    }
  }

  void add(std::string_view key,
           std::string what,
           std::string expected = {},
           std::string suggestion = {}) {
    tell(Severity::kError, key, std::move(what), std::move(expected), std::move(suggestion));
  }

  void warn(std::string_view key, std::string what, std::string suggestion = {}) {
    tell(Severity::kWarning, key, std::move(what), {}, std::move(suggestion));
  }

  void tell(Severity severity,
            std::string_view key,
            std::string what,
            std::string expected,
            std::string suggestion) {
    if (problems_.size() >= kMaxProblems) return;
    auto problem = placed(key);
    problem.severity = severity;
    problem.what = std::move(what);
    problem.expected = std::move(expected);
    problem.suggestion = std::move(suggestion);
    problems_.push_back(std::move(problem));
  }

  Problem placed(std::string_view key) const {
    auto found = places_.find(fmt::format("{}.{}", place_, key));
    if (found == places_.end()) found = places_.find(place_);
    if (found == places_.end()) {
      static const auto kElsewhere =
          std::make_shared<const Source>(Source{Source::Kind::kArgument, "OTLP destination", ""});
      return {.source = kElsewhere};
    }
    return {.source = found->second.source, .at = found->second.at, .length = found->second.length};
  }

  OtlpConfig& otlp_;
  std::string place_;
  const Places& places_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check_destinations(Config& config, const Places& places, std::vector<Problem>& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < config.otlp.size(); ++i) {
    DestinationCheck check(config.otlp[i], fmt::format("otlp[{}]", i), places, problems);
    check.run();
    check.check_name(names);
  }
}

}  // namespace plumbline
