// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/watched.h"

namespace plumbline {

// Whom to trust and who we are. Empty CA file: the system's store. Empty certificate: none is
// shown. All PEM; the key stands in its own file or behind the certificate.
struct TlsFiles {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  auto operator<=>(const TlsFiles&) const = default;
};

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// A client's TLS context: TLS 1.2 or later, the peer's certificate always verified.
Result<TlsContext> make_tls_context(const TlsFiles& files);

// One context per trust set, shared by every destination that uses it, because each costs
// megabytes once its CA certificates are loaded.
class TrustSets {
 public:
  explicit TrustSets(Log& log) : log_(log) {}

  std::shared_ptr<Watched<TlsContext>> get(const TlsFiles& files);

 private:
  Log& log_;
  std::map<TlsFiles, std::weak_ptr<Watched<TlsContext>>> sets_;
};

}  // namespace plumbline
