// SPDX-License-Identifier: Apache-2.0
#include "agent/http/tls.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace plumbline {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error refused(std::string_view what, const std::string& path, const error_code& problem) {
  return {.code = Errc::kMalformed,
          .what = fmt::format("cannot use {} as {}: {}", path, what, problem.message())};
}

Result<> load_identity(ssl::context& context, const TlsFiles& files) {
  if (files.certificate_file.empty()) return {};
  error_code problem;
  context.use_certificate_chain_file(files.certificate_file, problem);
  if (problem) return refused("client certificate", files.certificate_file, problem);
  const auto& key = files.key_file.empty() ? files.certificate_file : files.key_file;
  context.use_private_key_file(key, ssl::context::pem, problem);
  if (problem) return refused("private key", key, problem);
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return Error{
        .code = Errc::kMalformed,
        .what = fmt::format("the private key in {} does not belong to the certificate in {}",
                            key,
                            files.certificate_file)};
  }
  return {};
}

}  // namespace

Result<TlsContext> make_tls_context(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  error_code problem;
  context->set_verify_mode(ssl::verify_peer, problem);
  if (files.ca_file.empty()) {
    context->set_default_verify_paths(problem);
    if (problem) return refused("certificate store", "the system's directory", problem);
  } else {
    context->load_verify_file(files.ca_file, problem);
    if (problem) return refused("CA certificates", files.ca_file, problem);
  }
  TRY(load_identity(*context, files));
  return context;
}

std::shared_ptr<Watched<TlsContext>> TrustSets::get(const TlsFiles& files) {
  auto& known = sets_[files];
  if (auto set = known.lock()) return set;
  std::vector<std::string> paths;
  for (const auto& path : {files.ca_file, files.certificate_file, files.key_file}) {
    if (!path.empty()) paths.push_back(path);
  }
  auto set = std::make_shared<Watched<TlsContext>>(
      std::move(paths), [files] { return make_tls_context(files); }, log_);
  known = set;
  return set;
}

}  // namespace plumbline
