// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "agent/http/content_coding.h"
#include "agent/http/tls.h"
#include "agent/http/url.h"
#include "exporters/otlp/otlp.h"
#include "exporters/otlp/request_headers.h"

namespace plumbline {

// What both transports need for every request: who the destination is, what to trust and what to
// say about ourselves.
class OtlpDestination {
 public:
  OtlpDestination(const OtlpConfig& config, Url url, const OtlpContext& context);

  const Url& url() const { return url_; }
  std::string_view name() const { return name_; }

  // The user's headers and User-Agent, as they are now.
  Result<Headers> headers();
  // The TLS context as it is now; null without TLS.
  Result<TlsContext> tls();

 private:
  Url url_;
  std::string name_;
  std::string user_agent_;
  RequestHeaders headers_;
  std::shared_ptr<Watched<TlsContext>> trust_;
};

ContentCoding content_coding(Compression compression);

}  // namespace plumbline
