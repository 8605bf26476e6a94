// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/transport.h"

#include <utility>

#include <fmt/format.h>

namespace plumbline {

OtlpDestination::OtlpDestination(const OtlpConfig& config, Url url, const OtlpContext& context)
    : url_(std::move(url)),
      name_(config.name.empty() ? fmt::format("otlp:{}", url_.authority()) : config.name),
      // The product first, then the exporter's own name: OTLP exporter specification, "User Agent".
      user_agent_(fmt::format("plumbline/{0} OTel-OTLP-Exporter-Cpp/{0}", context.version)),
      headers_(config, context.log) {
  if (url_.tls()) {
    trust_ = context.trust.get({.ca_file = config.ca_file,
                                .certificate_file = config.certificate_file,
                                .key_file = config.key_file});
  }
}

Result<Headers> OtlpDestination::headers() {
  auto headers = headers_.get();
  if (headers) headers->emplace_back("user-agent", user_agent_);
  return headers;
}

Result<TlsContext> OtlpDestination::tls() {
  if (!trust_) return TlsContext();
  return trust_->get();
}

ContentCoding content_coding(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return ContentCoding::kIdentity;
    case Compression::kGzip:
      return ContentCoding::kGzip;
    case Compression::kZstd:
      return ContentCoding::kZstd;
  }
  return ContentCoding::kIdentity;
}

}  // namespace plumbline
