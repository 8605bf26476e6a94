// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

enum class SaslMechanism : std::uint8_t {
  kNone,
  kPlain,
  kScramSha256,
  kScramSha512,
  kOauthBearer,
  kGssapi,
};

std::string_view to_string(SaslMechanism mechanism);

// Who we are. For OAUTHBEARER `secret` is the token and `user` unused; for GSSAPI `user` is the
// principal, whose key is in the file `keytab`, and `service` what brokers are called.
struct Credentials {
  SaslMechanism mechanism = SaslMechanism::kNone;
  std::string user;
  std::string secret;
  std::string keytab;
  std::string service;
};

// One authentication: what to send, given what the broker said.
class SaslExchange {
 public:
  SaslExchange() = default;
  SaslExchange(const SaslExchange&) = delete;
  SaslExchange& operator=(const SaslExchange&) = delete;
  SaslExchange(SaslExchange&&) = delete;
  SaslExchange& operator=(SaslExchange&&) = delete;
  virtual ~SaslExchange() = default;

  virtual Result<std::string> first() = 0;
  // The answer to what the broker said last; empty with done() when nothing is left to say. Fails
  // when the broker does not prove that it knows the password too.
  virtual Result<std::string> next(std::string_view challenge) = 0;
  virtual bool done() const = 0;
  // Whether a step may wait for somebody else than the broker.
  virtual bool may_wait() const { return false; }
};

// `nonce`: printable, without commas, never used twice. `host`: of the broker, as it is reached.
std::unique_ptr<SaslExchange> make_sasl_exchange(const Credentials& credentials,
                                                 std::string nonce,
                                                 std::string_view host);

// 24 random bytes as text.
std::string random_nonce();

struct SaslHandshakeResponse {
  std::int16_t error = 0;
  std::vector<std::string_view> mechanisms;  // those the broker offers
};

struct SaslHandshakeRequest {
  using Response = SaslHandshakeResponse;
  static constexpr auto kKey = ApiKey::kSaslHandshake;
  std::string_view mechanism;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

struct SaslAuthenticateResponse {
  std::int16_t error = 0;
  std::string_view message;
  std::string_view bytes;
  std::int64_t lifetime_ms = 0;  // after which the broker closes the connection; 0: never
};

struct SaslAuthenticateRequest {
  using Response = SaslAuthenticateResponse;
  static constexpr auto kKey = ApiKey::kSaslAuthenticate;
  std::string_view bytes;
  void write(Writer& out, std::int16_t version) const;
  static Response read(Reader& in, std::int16_t version);
};

}  // namespace plumbline::kafka
