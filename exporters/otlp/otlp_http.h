// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/http/client.h"
#include "agent/http/content_coding.h"
#include "exporters/exporter.h"
#include "exporters/otlp/transport.h"

namespace plumbline {

// OTLP over HTTP/1.1: one POST of protobuf per request.
class OtlpHttpExporter final : public Exporter {
 public:
  OtlpHttpExporter(const OtlpConfig& config, const Url& url, const OtlpContext& context);

  std::string_view name() const override { return destination_.name(); }
  boost::asio::awaitable<SendOutcome> send(Payload payload,
                                           std::chrono::milliseconds timeout) override;

 private:
  std::string target(Signal signal) const;

  const Clock& clock_;
  OtlpDestination destination_;
  HttpClient client_;
  Compressor compressor_;
  std::string body_;
  bool per_signal_path_;
};

}  // namespace plumbline
