// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/otlp_http.h"

#include <fmt/format.h>

#include "exporters/otlp/outcome.h"

namespace plumbline {
namespace {

std::string_view path_of(Signal signal) {
  switch (signal) {
    case Signal::kMetrics:
      return "v1/metrics";
    case Signal::kTraces:
      return "v1/traces";
    case Signal::kLogs:
      return "v1/logs";
  }
  return {};
}

}  // namespace

OtlpHttpExporter::OtlpHttpExporter(const OtlpConfig& config,
                                   const Url& url,
                                   const OtlpContext& context)
    : clock_(context.clock),
      destination_(config, url, context),
      client_(url, config.server_name),
      compressor_(content_coding(config.compression)),
      per_signal_path_(config.per_signal_path) {}

// A URL for one signal is used as it is, "/" when it has no path; to a base URL the signal's path
// is appended (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
std::string OtlpHttpExporter::target(Signal signal) const {
  const auto& path = destination_.url().path;
  if (per_signal_path_) return path.empty() ? "/" : path;
  const auto query = path.find('?');
  auto base = path.substr(0, query);
  if (!base.ends_with('/')) base.push_back('/');
  base.append(path_of(signal));
  if (query != std::string::npos) base.append(path.substr(query));
  return base;
}

boost::asio::awaitable<SendOutcome> OtlpHttpExporter::send(Payload payload,
                                                           std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto headers = destination_.headers();
  if (!headers) co_return outcome_of(headers.error());
  auto tls = destination_.tls();
  if (!tls) co_return outcome_of(tls.error());
  headers->emplace_back("content-type", "application/x-protobuf");
  headers->emplace_back("accept-encoding", "gzip");
  std::string_view body = payload.bytes;
  if (compressor_.coding() != ContentCoding::kIdentity) {
    body_.clear();
    if (auto done = compressor_.compress(payload.bytes, body_); !done) {
      co_return outcome_of(done.error());
    }
    headers->emplace_back("content-encoding", to_string(compressor_.coding()));
    body = body_;
  }
  const auto path = target(payload.signal);
  const HttpRequest request{.target = path, .headers = *headers, .body = body};
  const auto response = co_await client_.post(request, *std::move(tls), deadline);
  if (!response) co_return outcome_of(response.error());
  auto outcome = outcome_of(*response, clock_.wall());
  outcome.sent_bytes = body.size();
  co_return outcome;
}

}  // namespace plumbline
