// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "agent/config/checks.h"
#include "agent/config/findings.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

// Checks one server and places what it finds.
class ServerCheck {
 public:
  ServerCheck(const ClickHouseConfig& server, Findings& findings)
      : server_(server), findings_(findings) {}

  void run() {
    if (server_.url.empty()) {
      // One that was written but makes no sense was told of already.
      if (!findings_.has_place("url")) {
        findings_.add("", "the server has no url", "url: http://HOST:8123");
      }
      return;
    }
    const auto url = parse_url(server_.url);
    if (!url) return;
    const bool has_certificate = !server_.certificate_file.empty();
    if (has_certificate != !server_.key_file.empty()) {
      findings_.add(
          has_certificate ? "certificate_file" : "key_file",
          has_certificate ? "certificate_file needs key_file" : "key_file needs certificate_file",
          "both or none");
    }
    if (!server_.password_file.empty() && server_.user.empty()) {
      findings_.add("password_file", "password_file needs user", "user: NAME");
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
      findings_.add(key, fmt::format("{} has no meaning for http://", key), "https:// in the url");
    }
    if (!server_.password_file.empty() && !is_loopback(url.host)) {
      findings_.warn("password_file",
                     "the password would cross the network unencrypted: the url is http://");
    }
  }

  const ClickHouseConfig& server_;
  Findings& findings_;
};

}  // namespace

void check_clickhouse(const Config& config, const Places& places, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < config.clickhouse.size(); ++i) {
    Findings findings(fmt::format("clickhouse[{}]", i), "ClickHouse server", places, problems);
    ServerCheck(config.clickhouse[i], findings).run();
  }
}

}  // namespace plumbline
