// SPDX-License-Identifier: Apache-2.0
#include "agent/config/otlp_environment.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "agent/config/key_values.h"
#include "agent/http/url.h"

namespace plumbline {
namespace {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

constexpr std::string_view kPrefix = "OTEL_EXPORTER_OTLP_";

struct Variable {
  std::string name;
  std::string value;
  bool per_signal = false;
};

class Reader {
 public:
  Reader(std::string_view signal,
         const Lookup& environment,
         std::vector<EnvironmentProblem>& problems)
      : signal_(signal), environment_(environment), problems_(problems) {}

  std::optional<OtlpConfig> read() {
    const auto endpoint = find("ENDPOINT");
    if (!endpoint) return std::nullopt;
    OtlpConfig config;
    read_protocol(config);
    read_endpoint(*endpoint, config);
    if (const auto url = parse_url(config.endpoint); !url) {
      complain(*endpoint, url.error().what);
      return std::nullopt;
    }
    read_headers(config);
    read_compression(config);
    read_timeout(config);
    if (auto file = find("CERTIFICATE")) config.ca_file = std::move(file->value);
    if (auto file = find("CLIENT_CERTIFICATE")) config.certificate_file = std::move(file->value);
    if (auto file = find("CLIENT_KEY")) config.key_file = std::move(file->value);
    return config;
  }

 private:
  std::optional<Variable> find(std::string_view key) const {
    const auto own = fmt::format("{}{}_{}", kPrefix, signal_, key);
    const auto common = fmt::format("{}{}", kPrefix, key);
    for (const auto& name : {own, common}) {
      auto value = environment_(name);
      if (value && !value->empty()) {
        return Variable{.name = name, .value = *std::move(value), .per_signal = name == own};
      }
    }
    return std::nullopt;
  }

  void complain(const Variable& variable, std::string what) {
    problems_.push_back({.variable = variable.name, .what = std::move(what)});
  }

  void read_protocol(OtlpConfig& config) {
    const auto protocol = find("PROTOCOL");
    if (!protocol || protocol->value == "http/protobuf") return;
    if (protocol->value == "grpc") {
      config.protocol = OtlpProtocol::kGrpc;
    } else {
      complain(*protocol, "this protocol is not spoken: grpc and http/protobuf are");
    }
  }

  void read_endpoint(const Variable& endpoint, OtlpConfig& config) {
    if (config.protocol == OtlpProtocol::kGrpc) {
      config.endpoint = grpc_endpoint(endpoint.value);
      return;
    }
    config.endpoint = endpoint.value;
    config.per_signal_path = endpoint.per_signal;
  }

  // gRPC endpoints are written as http:// or https:// here, or without a scheme, when INSECURE
  // decides. A port that is left out is that of the scheme.
  std::string grpc_endpoint(const std::string& value) const {
    const auto end = value.find("://");
    const auto scheme = value.substr(0, end == std::string::npos ? 0 : end);
    auto rest = end == std::string::npos ? value : value.substr(end + 3);
    while (rest.ends_with('/')) rest.pop_back();
    if (scheme == "grpc" || scheme == "grpcs") return value;
    if (scheme.empty()) return (is_insecure() ? "grpc://" : "grpcs://") + rest;
    const bool tls = scheme == "https";
    if (!tls && scheme != "http") return value;
    const auto host_end = rest.starts_with('[') ? rest.find(']') : 0;
    const bool has_port = rest.find(':', host_end) != std::string::npos;
    return fmt::format("{}{}{}",
                       tls ? "grpcs://" : "grpc://",
                       rest,
                       has_port ? ""
                       : tls    ? ":443"
                                : ":80");
  }

  bool is_insecure() const {
    const auto insecure = find("INSECURE");
    // The specification's boolean: "true" in any case, everything else is false.
    constexpr std::string_view kTrue = "true";
    if (!insecure || insecure->value.size() != kTrue.size()) return false;
    for (std::size_t i = 0; i < kTrue.size(); ++i) {
      if ((insecure->value[i] | 0x20) != kTrue[i]) return false;
    }
    return true;
  }

  void read_headers(OtlpConfig& config) {
    const auto headers = find("HEADERS");
    if (!headers) return;
    auto values = parse_key_values(headers->value);
    if (values) {
      config.headers = *std::move(values);
    } else {
      complain(*headers, values.error().what);
    }
  }

  void read_compression(OtlpConfig& config) {
    config.compression = Compression::kNone;  // the specification's default
    const auto compression = find("COMPRESSION");
    if (!compression || compression->value == "none") return;
    if (compression->value == "gzip") {
      config.compression = Compression::kGzip;
    } else if (compression->value == "zstd") {
      config.compression = Compression::kZstd;
    } else {
      complain(*compression, "this compression is not known: gzip, zstd and none are");
    }
  }

  void read_timeout(OtlpConfig& config) {
    const auto timeout = find("TIMEOUT");
    if (!timeout) return;
    int milliseconds = 0;
    const auto* end = timeout->value.data() + timeout->value.size();
    const auto read = std::from_chars(timeout->value.data(), end, milliseconds);
    if (read.ec == std::errc{} && read.ptr == end && milliseconds > 0) {
      config.timeout = std::chrono::milliseconds(milliseconds);
    } else {
      complain(*timeout, "this is not a positive number of milliseconds");
    }
  }

  std::string_view signal_;
  const Lookup& environment_;
  std::vector<EnvironmentProblem>& problems_;
};

}  // namespace

std::optional<OtlpConfig> otlp_from_environment(std::string_view signal,
                                                const Lookup& environment,
                                                std::vector<EnvironmentProblem>& problems) {
  return Reader(signal, environment, problems).read();
}

}  // namespace plumbline
