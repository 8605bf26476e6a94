// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/otlp_grpc.h"

#include "exporters/otlp/outcome.h"

namespace plumbline {
namespace {

std::string_view method_of(Signal signal) {
  switch (signal) {
    case Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    case Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case Signal::kLogs:
      return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
  }
  return {};
}

}  // namespace

OtlpGrpcExporter::OtlpGrpcExporter(const OtlpConfig& config,
                                   const Url& url,
                                   const OtlpContext& context)
    : destination_(config, url, context),
      client_(url, config.server_name, content_coding(config.compression)) {}

boost::asio::awaitable<SendOutcome> OtlpGrpcExporter::send(Payload payload,
                                                           std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto metadata = destination_.headers();
  if (!metadata) co_return outcome_of(metadata.error());
  auto tls = destination_.tls();
  if (!tls) co_return outcome_of(tls.error());
  const GrpcRequest request{
      .path = method_of(payload.signal), .metadata = *metadata, .message = payload.bytes};
  const auto reply = co_await client_.call(request, *std::move(tls), deadline);
  co_return reply ? outcome_of(*reply) : outcome_of(reply.error());
}

}  // namespace plumbline
