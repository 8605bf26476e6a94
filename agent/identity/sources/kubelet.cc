// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/kubelet.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "agent/http/text.h"
#include "agent/identity/pod_json.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;

constexpr const char* kAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";
constexpr const char* kAccountCa = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

bool is_readable(const char* path) {
  return ::access(path, R_OK) == 0;
}

std::string or_default(const std::string& configured, const char* path) {
  if (!configured.empty()) return configured;
  return is_readable(path) ? path : "";
}

// The node's own kubelet, where there should be one.
std::string default_url() {
  const bool in_cluster =
      std::getenv("KUBERNETES_SERVICE_HOST") != nullptr || is_readable("/var/lib/kubelet");
  if (!in_cluster) return {};
  const char* address = std::getenv("HOST_IP");
  const std::string host = address == nullptr ? "127.0.0.1" : address;
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("https://{}{}{}:10250", is_v6 ? "[" : "", host, is_v6 ? "]" : "");
}

// What an answer that is no list of pods means to whoever runs the agent.
Error refusal(int status, bool has_token) {
  const auto code = status == 401 || status == 403 ? Errc::kDenied : Errc::kUnavailable;
  std::string_view advice;
  if (status == 401) {
    advice = has_token ? "the token is not valid for the kubelet"
                       : "no token was sent: set identity.kubelet.token_file";
  } else if (status == 403) {
    advice = "the service account may not get nodes/pods: give its ClusterRole that right";
  } else if (status == 404) {
    advice = "this is no kubelet";
  } else {
    advice = "it may be starting";
  }
  return {.code = code, .what = fmt::format("it answers {}; {}", status, advice)};
}

Error with_advice(const Error& error) {
  if (error.what.find("certificate") == std::string::npos) return error;
  return {.code = error.code,
          .what = fmt::format("{}; set identity.kubelet.ca_file to the CA of the kubelet's "
                              "certificate (a kubelet that signs its own keeps it in "
                              "/var/lib/kubelet/pki/kubelet.crt) and identity.kubelet.server_name "
                              "to a name in it",
                              error.what)};
}

}  // namespace

KubeletSource::KubeletSource(const IdentityConfig& config, LabelChoice choice, Log& log)
    : url_(config.kubelet_url.empty() ? default_url() : config.kubelet_url),
      token_file_(or_default(config.kubelet_token_file, kAccountToken)),
      server_name_(config.kubelet_server_name),
      files_{.ca_file = or_default(config.kubelet_ca_file, kAccountCa),
             .certificate_file = config.kubelet_certificate_file,
             .key_file = config.kubelet_key_file},
      choice_(std::move(choice)),
      trust_(log) {}

Result<> KubeletSource::prepare() {
  if (client_) return {};
  if (url_.empty()) {
    return Error{.code = Errc::kUnsupported, .what = "this machine is no node of a cluster"};
  }
  auto url = parse_url(url_);
  if (!url) return url.error();
  if (url->scheme != "http" && url->scheme != "https") {
    return Error{.code = Errc::kMalformed,
                 .what = "identity.kubelet.url wants https:// or http://"};
  }
  uses_tls_ = url->tls();
  target_ = url->path.empty() || url->path == "/" ? "/pods" : url->path;
  client_ = std::make_unique<HttpClient>(*std::move(url), server_name_);
  return {};
}

Result<Headers> KubeletSource::headers() const {
  Headers out{{"Accept", "application/json"}, {"Accept-Encoding", "gzip"}};
  if (token_file_.empty()) return out;
  if (!uses_tls_) return out;  // a token goes over no open line
  const auto content = read_small_file(token_file_);
  if (!content) return content.error();
  const auto token = trim(*content);
  if (token.empty() || !check_header("Authorization", token)) {
    return Error{.code = Errc::kMalformed, .what = fmt::format("{} holds no token", token_file_)};
  }
  out.emplace_back("Authorization", fmt::format("Bearer {}", token));
  return out;
}

Result<TlsContext> KubeletSource::tls() {
  if (!uses_tls_) return TlsContext();
  if (!context_) context_ = trust_.get(files_);
  return context_->get();
}

asio::awaitable<Result<PodList>> KubeletSource::list(Deadline deadline) {
  if (auto ready = prepare(); !ready) co_return ready.error();
  const auto context = tls();
  if (!context) co_return context.error();
  const auto fields = headers();
  if (!fields) co_return fields.error();
  auto answer = co_await client_->get(target_, *fields, kMaxPodAnswer, *context, deadline);
  if (!answer) co_return with_advice(answer.error());
  if (answer->status != 200) co_return refusal(answer->status, !token_file_.empty());
  if (answer->state != HttpResponse::Body::kWhole) {
    const bool too_long = answer->state == HttpResponse::Body::kTooLong;
    co_return Error{.code = too_long ? Errc::kExhausted : Errc::kMalformed,
                    .what = too_long ? "its answer is longer than 128 MiB"
                                     : "its answer broke off or cannot be decompressed"};
  }
  auto list = parse_pods_json(answer->body, choice_);
  if (list) co_return list;
  co_return Error{.code = Errc::kMalformed,
                  .what = fmt::format("its answer is {}", list.error().what)};
}

}  // namespace plumbline
