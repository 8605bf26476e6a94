// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <ostream>

#include <fmt/format.h>

#include "agent/commands/fetch.h"
#include "agent/commands/program.h"
#include "agent/commands/status_report.h"
#include "agent/config/quantity.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

constexpr std::string_view kTarget = "/api/v1/status";

// Where to ask an agent that listens on `listen`: one that listens everywhere is asked here.
Result<Url> url_of(std::string_view listen) {
  const auto colon = listen.rfind(':');
  const auto port = listen.substr(colon + 1);
  if (port == "0") {
    return Error{.code = Errc::kMalformed,
                 .what =
                     "listen has port 0, so the agent took a free one; its log says which: "
                     "give --url http://HOST:PORT"};
  }
  auto host = listen.substr(0, colon);
  if (host == "0.0.0.0" || host.empty()) host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return parse_url(fmt::format("http://{}:{}", host, port));
}

Result<Url> agent_url(const Invocation& invocation, Program& program) {
  if (invocation.has("url")) {
    auto url = parse_url(invocation.value("url"));
    if (!url) return url;
    if (url->scheme == "http" && url->path.size() <= 1) return url;
    return Error{.code = Errc::kMalformed, .what = "--url expects http://HOST:PORT"};
  }
  const auto loaded = read_config(load_options(invocation, program));
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) {
    return Error{.code = Errc::kMalformed, .what = "the configuration makes no sense"};
  }
  return url_of(loaded.config.listen);
}

}  // namespace

int command_status(const Invocation& invocation, Program& program) {
  const auto timeout = parse_duration(invocation.value("timeout", "5s"));
  if (!timeout) return fail(program, "--timeout: " + timeout.error().what, kUsage);
  const auto url = agent_url(invocation, program);
  if (!url) return fail(program, url.error().what, kUsage);
  const auto body =
      fetch(*url, {.target = std::string(kTarget), .timeout = std::chrono::milliseconds(*timeout)});
  const auto failed = [&](const Error& error) {
    return fail(program,
                fmt::format("no agent at http://{}: {}; is it running, with this listen address?",
                            url->authority(),
                            error.what),
                kFailed);
  };
  if (!body) return failed(body.error());
  const auto report = status_report(*body, program.out_colour);
  if (!report) return failed(report.error());
  program.out << (invocation.value("output", "table") == "json" ? *body : report->text);
  return report->findings.empty() ? kDone : kFindings;
}

}  // namespace plumbline
