// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/http/grpc_client.h"
#include "exporters/exporter.h"
#include "exporters/otlp/transport.h"

namespace plumbline {

// OTLP over gRPC: one unary call per request.
class OtlpGrpcExporter final : public Exporter {
 public:
  OtlpGrpcExporter(const OtlpConfig& config, const Url& url, const OtlpContext& context);

  std::string_view name() const override { return destination_.name(); }
  boost::asio::awaitable<SendOutcome> send(Payload payload,
                                           std::chrono::milliseconds timeout) override;

 private:
  OtlpDestination destination_;
  GrpcClient client_;
};

}  // namespace plumbline
