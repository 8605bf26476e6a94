// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/support/temp_dir.h"

namespace plumbline {

// A certificate authority of one test, with files for what it signs.
class TestCa {
 public:
  TestCa(const TempDir& dir, const std::string& name);

  struct Files {
    std::string certificate_file;
    std::string key_file;
  };

  const std::string& ca_file() const { return ca_file_; }
  // A certificate for a DNS name or an IPv4 address, valid from now for `days` (negative: expired).
  Files issue(const std::string& name, int days = 1) const;

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Certificate make(EVP_PKEY* key, const std::string& name, int days);

  const TempDir& dir_;
  std::string name_;
  Key key_;
  Certificate certificate_;
  std::string ca_file_;
};

}  // namespace plumbline
