// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/pci.h"

#include <fstream>
#include <string>
#include <system_error>

namespace plumbline::gpu {
namespace {

std::string first_word(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

}  // namespace

bool has_pci_display(const std::filesystem::path& sys, std::string_view vendor) {
  std::error_code failed;
  const std::filesystem::directory_iterator devices(sys / "bus/pci/devices", failed);
  if (failed) return false;
  for (const auto& device : devices) {
    if (first_word(device.path() / "class").starts_with("0x03") &&
        first_word(device.path() / "vendor") == vendor) {
      return true;
    }
  }
  return false;
}

}  // namespace plumbline::gpu
