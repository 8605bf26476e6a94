// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/sasl.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "collectors/kafka/wire/gssapi.h"
#include "collectors/kafka/wire/scram.h"

namespace plumbline::kafka {
namespace {

class Plain final : public SaslExchange {
 public:
  explicit Plain(const Credentials& credentials) {
    message_.push_back('\0');
    message_ += credentials.user;
    message_.push_back('\0');
    message_ += credentials.secret;
  }
  Result<std::string> first() override { return message_; }
  Result<std::string> next(std::string_view /*challenge*/) override { return std::string(); }
  bool done() const override { return true; }

 private:
  std::string message_;
};

// RFC 7628. A broker that refuses says why in its challenge, and wants one byte before it fails.
class OauthBearer final : public SaslExchange {
 public:
  explicit OauthBearer(const Credentials& credentials)
      : message_(fmt::format("n,,\x01"
                             "auth=Bearer {}\x01\x01",
                             credentials.secret)) {}
  Result<std::string> first() override { return message_; }
  Result<std::string> next(std::string_view challenge) override {
    if (challenge.empty()) return std::string();
    return Error{.code = Errc::kDenied,
                 .what = fmt::format("the broker refuses the token: {}", challenge.substr(0, 200))};
  }
  bool done() const override { return true; }

 private:
  std::string message_;
};

}  // namespace

std::string_view to_string(SaslMechanism mechanism) {
  switch (mechanism) {
    case SaslMechanism::kNone:
      return "none";
    case SaslMechanism::kPlain:
      return "PLAIN";
    case SaslMechanism::kScramSha256:
      return "SCRAM-SHA-256";
    case SaslMechanism::kScramSha512:
      return "SCRAM-SHA-512";
    case SaslMechanism::kOauthBearer:
      return "OAUTHBEARER";
    case SaslMechanism::kGssapi:
      return "GSSAPI";
  }
  return "unknown";
}

std::unique_ptr<SaslExchange> make_sasl_exchange(const Credentials& credentials,
                                                 std::string nonce,
                                                 std::string_view host) {
  switch (credentials.mechanism) {
    case SaslMechanism::kPlain:
      return std::make_unique<Plain>(credentials);
    case SaslMechanism::kOauthBearer:
      return std::make_unique<OauthBearer>(credentials);
    case SaslMechanism::kScramSha256:
      return make_scram(ScramHash::kSha256, credentials, std::move(nonce));
    case SaslMechanism::kScramSha512:
      return make_scram(ScramHash::kSha512, credentials, std::move(nonce));
    case SaslMechanism::kGssapi:
      return make_gssapi(credentials, host);
    case SaslMechanism::kNone:
      break;
  }
  return nullptr;
}

std::string random_nonce() {
  std::array<unsigned char, 24> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string out;
  for (const auto byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

void SaslHandshakeRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.string(mechanism);
}

SaslHandshakeResponse SaslHandshakeRequest::read(Reader& in, std::int16_t /*version*/) {
  SaslHandshakeResponse response;
  response.error = in.i16();
  response.mechanisms = in.array([](Reader& item) { return item.string(); });
  return response;
}

void SaslAuthenticateRequest::write(Writer& out, std::int16_t /*version*/) const {
  out.bytes(bytes);
  out.tags();
}

SaslAuthenticateResponse SaslAuthenticateRequest::read(Reader& in, std::int16_t version) {
  SaslAuthenticateResponse response;
  response.error = in.i16();
  response.message = in.string();
  response.bytes = in.bytes();
  if (version >= 1) response.lifetime_ms = in.i64();
  in.tags();
  return response;
}

}  // namespace plumbline::kafka
