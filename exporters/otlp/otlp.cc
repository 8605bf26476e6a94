// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/otlp.h"

#include <utility>

#include <fmt/format.h>

#include "exporters/otlp/otlp_grpc.h"
#include "exporters/otlp/otlp_http.h"

namespace plumbline {

Result<std::unique_ptr<Exporter>> make_otlp_exporter(const OtlpConfig& config,
                                                     const OtlpContext& context) {
  auto url = parse_url(config.endpoint);
  if (!url) return url.error();
  if (auto headers = RequestHeaders(config, context.log).get(); !headers) return headers.error();
  if (auto tls = OtlpDestination(config, *url, context).tls(); !tls) return tls.error();
  std::unique_ptr<Exporter> exporter;
  if (url->scheme.starts_with("grpc")) {
    if (!url->path.empty() && url->path != "/") {
      return Error{.code = Errc::kMalformed,
                   .what = fmt::format("a gRPC endpoint has no path: leave out \"{}\"", url->path)};
    }
    exporter = std::make_unique<OtlpGrpcExporter>(config, *url, context);
  } else {
    exporter = std::make_unique<OtlpHttpExporter>(config, *url, context);
  }
  return exporter;
}

}  // namespace plumbline
