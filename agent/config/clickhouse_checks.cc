// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "agent/config/checks.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Checks one server and places what it finds.
class ServerCheck {
 public:
  ServerCheck(const ClickHouseConfig& server,
              std::string place,
              const Places& places,
              std::vector<Problem>& problems)
      : server_(server), place_(std::move(place)), places_(places), problems_(problems) {}

  void run() {
    if (server_.url.empty()) {
      // One that was written but makes no sense was told of already.
      if (places_.contains(place_ + ".url")) return;
      return tell(Severity::kError, "", "the server has no url", "url: http://HOST:8123");
    }
    const auto url = parse_url(server_.url);
    if (!url) return;
    const bool has_certificate = !server_.certificate_file.empty();
    if (has_certificate != !server_.key_file.empty()) {
      tell(Severity::kError,
           has_certificate ? "certificate_file" : "key_file",
           has_certificate ? "certificate_file needs key_file" : "key_file needs certificate_file",
           "both or none");
    }
    if (!server_.password_file.empty() && server_.user.empty()) {
      tell(Severity::kError, "password_file", "password_file needs user", "user: NAME");
    }
    if (!url->tls()) check_plain(*url);
  }

 private:
  void check_plain(const Url& url) {
    const std::array<std::pair<std::string_view, const std::string*>, 4> settings{
        {{"ca_file", &server_.ca_file},
         {"certificate_file", &server_.certificate_file},
         {"key_file", &server_.key_file},
         {"server_name", &server_.server_name}}};
    for (const auto& [key, value] : settings) {
      if (value->empty()) continue;
      tell(Severity::kError,
           key,
           fmt::format("{} has no meaning for http://", key),
           "https:// in the url");
    }
    if (!server_.password_file.empty() && !is_loopback(url.host)) {
      tell(Severity::kWarning,
           "password_file",
           "the password would cross the network unencrypted: the url is http://",
           {});
    }
  }

  void tell(Severity severity, std::string_view key, std::string what, std::string expected) {
    if (problems_.size() >= kMaxProblems) return;
    auto found = places_.find(fmt::format("{}.{}", place_, key));
    if (found == places_.end()) found = places_.find(place_);
    if (found == places_.end()) return;
    problems_.push_back({.severity = severity,
                         .source = found->second.source,
                         .at = found->second.at,
                         .length = found->second.length,
                         .what = std::move(what),
                         .expected = std::move(expected)});
  }

  const ClickHouseConfig& server_;
  std::string place_;
  const Places& places_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check_clickhouse(const Config& config, const Places& places, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < config.clickhouse.size(); ++i) {
    ServerCheck(config.clickhouse[i], fmt::format("clickhouse[{}]", i), places, problems).run();
  }
}

}  // namespace plumbline
