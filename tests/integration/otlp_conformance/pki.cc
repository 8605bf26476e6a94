// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otlp_conformance/pki.h"

#include <arpa/inet.h>

#include <atomic>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace plumbline {
namespace {

void extend(X509* certificate, int id, const std::string& value) {
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  write(out.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bool is_address(const std::string& name) {
  in_addr ignored{};
  return inet_pton(AF_INET, name.c_str(), &ignored) == 1;
}

}  // namespace

TestCa::Certificate TestCa::make(EVP_PKEY* key, const std::string& name, int days) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -10L * 24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * 24L * 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()),
                             "CN",
                             MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()),
                             -1,
                             -1,
                             0);
  return certificate;
}

TestCa::TestCa(const TempDir& dir, const std::string& name)
    : dir_(dir),
      name_(name),
      key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
      certificate_(make(key_.get(), name, 1)) {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  ca_file_ =
      dir.write(name + ".pem", pem([&](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); }))
          .string();
}

TestCa::Files TestCa::issue(const std::string& name, int days) const {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto certificate = make(key.get(), name, days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), NID_subject_alt_name, (is_address(name) ? "IP:" : "DNS:") + name);
  X509_sign(certificate.get(), key_.get(), EVP_sha256());
  const auto file = name_ + "-" + name;
  return {
      dir_.write(file + ".crt", pem([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); }))
          .string(),
      dir_.write(file + ".key", pem([&](BIO* out) {
                   PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
                 }))
          .string()};
}

}  // namespace plumbline
