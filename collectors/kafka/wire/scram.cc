// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/scram.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace plumbline::kafka {
namespace {

// A broker could ask for years of hashing. Kafka's own limit is 16384 by default.
constexpr int kMaxIterations = 1'000'000;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode_base64(std::string_view data) {
  std::string out(4 * ((data.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes_of(data), static_cast<int>(data.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  const int size = EVP_DecodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0 || text.empty()) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

// RFC 5802: commas and equal signs cannot stand in a name.
std::string escape_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',') {
      out += "=2C";
    } else if (c == '=') {
      out += "=3D";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// The value of "k=…" among the comma-separated parts of a message.
std::optional<std::string_view> part(std::string_view message, char key) {
  while (!message.empty()) {
    const auto comma = message.find(',');
    const auto field = message.substr(0, comma);
    if (field.size() >= 2 && field[0] == key && field[1] == '=') return field.substr(2);
    if (comma == std::string_view::npos) break;
    message.remove_prefix(comma + 1);
  }
  return std::nullopt;
}

class Scram final : public SaslExchange {
 public:
  Scram(ScramHash hash, const Credentials& credentials, std::string nonce)
      : digest_(hash == ScramHash::kSha256 ? EVP_sha256() : EVP_sha512()),
        password_(credentials.secret),
        nonce_(std::move(nonce)),
        client_first_(fmt::format("n={},r={}", escape_name(credentials.user), nonce_)) {}

  Result<std::string> first() override { return "n,," + client_first_; }

  Result<std::string> next(std::string_view challenge) override {
    if (const auto error = part(challenge, 'e')) {
      return Error{.code = Errc::kDenied,
                   .what = fmt::format("the broker refuses the user: {}", error->substr(0, 200))};
    }
    if (server_signature_.empty()) return answer(challenge);
    const auto proof = part(challenge, 'v').value_or(std::string_view());
    const auto signature = decode_base64(proof);
    if (!signature || signature->size() != server_signature_.size() ||
        CRYPTO_memcmp(signature->data(), server_signature_.data(), signature->size()) != 0) {
      return Error{.code = Errc::kDenied,
                   .what = "the broker does not know the password: is it the right broker?"};
    }
    done_ = true;
    return std::string();
  }

  bool done() const override { return done_; }

 private:
  Result<std::string> answer(std::string_view challenge) {
    const auto nonce = part(challenge, 'r').value_or(std::string_view());
    const auto salt = decode_base64(part(challenge, 's').value_or(std::string_view()));
    const auto rounds = part(challenge, 'i').value_or(std::string_view());
    int iterations = 0;
    std::from_chars(rounds.data(), rounds.data() + rounds.size(), iterations);
    if (!nonce.starts_with(nonce_) || !salt || iterations < 1 || iterations > kMaxIterations) {
      return Error{.code = Errc::kMalformed, .what = "the broker's SCRAM challenge makes no sense"};
    }
    const auto salted = stretch(*salt, iterations);
    const auto client_key = mac(salted, "Client Key");
    const auto without_proof = fmt::format("c=biws,r={}", nonce);
    const auto signed_text = fmt::format("{},{},{}", client_first_, challenge, without_proof);
    const auto signature = mac(hash(client_key), signed_text);
    auto proof = client_key;
    for (std::size_t i = 0; i < proof.size(); ++i) {
      proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    }
    server_signature_ = mac(mac(salted, "Server Key"), signed_text);
    return fmt::format("{},p={}", without_proof, encode_base64(proof));
  }

  std::string hash(std::string_view data) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_Digest(data.data(), data.size(), out.data(), &size, digest_, nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
  }

  std::string mac(std::string_view key, std::string_view data) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(digest_,
         key.data(),
         static_cast<int>(key.size()),
         bytes_of(data),
         data.size(),
         out.data(),
         &size);
    return {reinterpret_cast<const char*>(out.data()), size};
  }

  std::string stretch(std::string_view salt, int iterations) const {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest_)), '\0');
    PKCS5_PBKDF2_HMAC(password_.data(),
                      static_cast<int>(password_.size()),
                      bytes_of(salt),
                      static_cast<int>(salt.size()),
                      iterations,
                      digest_,
                      static_cast<int>(out.size()),
                      reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }

  const EVP_MD* digest_;
  std::string password_;
  std::string nonce_;
  std::string client_first_;      // without the header "n,,"
  std::string server_signature_;  // what the broker must answer; empty before its challenge
  bool done_ = false;
};

}  // namespace

std::unique_ptr<SaslExchange> make_scram(ScramHash hash,
                                         const Credentials& credentials,
                                         std::string nonce) {
  return std::make_unique<Scram>(hash, credentials, std::move(nonce));
}

}  // namespace plumbline::kafka
