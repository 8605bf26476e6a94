// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace plumbline::gpu {

inline constexpr std::string_view kNvidiaVendor = "0x10de";
inline constexpr std::string_view kAmdVendor = "0x1002";

// Whether this machine has a display or 3D controller of a vendor (PCI class 03), as `sys` (/sys)
// tells; a driver is not needed for that.
bool has_pci_display(const std::filesystem::path& sys, std::string_view vendor);

}  // namespace plumbline::gpu
