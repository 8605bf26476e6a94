// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/revision.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

// FNV-1a of 64 bits: it is not meant to withstand anybody.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(unsigned char byte) {
    value_ ^= byte;
    value_ *= 0x100000001b3U;
  }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace

std::string revision_of(const PlatformManifest& manifest) {
  Fingerprint fingerprint;
  fingerprint.add(kind_of(manifest));
  for (const auto& [key, info, value] : manifest_values(manifest)) {
    fingerprint.add(key);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
      for (const auto& text : *list) fingerprint.add(text);
    } else {
      fingerprint.add(format_value(*info, value));
    }
  }
  return fmt::format("{:016x}", fingerprint.value());
}

}  // namespace plumbline
