// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/config/config.h"
#include "agent/core/log.h"
#include "agent/http/client.h"
#include "agent/http/tls.h"
#include "agent/identity/sources/pod_source.h"

namespace plumbline {

// The kubelet's own list, GET /pods over HTTPS: its certificate is verified, the token is read for
// each request, for it is replaced every hour. Needs the right to get nodes/pods.
class KubeletSource final : public PodSource {
 public:
  // Paths that are not configured are those of a service account, when there is one.
  KubeletSource(const IdentityConfig& config, LabelChoice choice, Log& log);

  std::string_view name() const override { return "kubelet"; }
  boost::asio::awaitable<Result<PodList>> list(Deadline deadline) override;

 private:
  Result<> prepare();
  Result<Headers> headers() const;
  Result<TlsContext> tls();

  std::string url_;  // empty: this is no node of a cluster
  std::string token_file_;
  std::string server_name_;
  TlsFiles files_;
  LabelChoice choice_;
  TrustSets trust_;
  std::shared_ptr<Watched<TlsContext>> context_;
  std::unique_ptr<HttpClient> client_;
  std::string target_;
  bool uses_tls_ = true;
};

}  // namespace plumbline
