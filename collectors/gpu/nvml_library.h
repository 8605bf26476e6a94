// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "collectors/gpu/nvml_abi.h"

namespace plumbline::gpu {

// Functions of the library by what they are for; null where it has none of their names.
struct NvmlFunctions {
  nvml::Status (*init)() = nullptr;
  nvml::Status (*shutdown)() = nullptr;
  nvml::Status (*driver_version)(char*, unsigned) = nullptr;
  nvml::Status (*count)(unsigned*) = nullptr;
  nvml::Status (*handle)(unsigned, nvml::Device*) = nullptr;
  nvml::Status (*uuid)(nvml::Device, char*, unsigned) = nullptr;
  nvml::Status (*name)(nvml::Device, char*, unsigned) = nullptr;
  nvml::Status (*serial)(nvml::Device, char*, unsigned) = nullptr;
  nvml::Status (*pci)(nvml::Device, nvml::PciInfo*) = nullptr;
  nvml::Status (*utilization)(nvml::Device, nvml::Utilization*) = nullptr;
  nvml::Status (*encoder)(nvml::Device, unsigned*, unsigned*) = nullptr;
  nvml::Status (*decoder)(nvml::Device, unsigned*, unsigned*) = nullptr;
  nvml::Status (*memory_v2)(nvml::Device, nvml::MemoryV2*) = nullptr;
  nvml::Status (*memory)(nvml::Device, nvml::Memory*) = nullptr;
  nvml::Status (*fields)(nvml::Device, int, nvml::FieldValue*) = nullptr;
  nvml::Status (*power)(nvml::Device, unsigned*) = nullptr;
  nvml::Status (*energy)(nvml::Device, unsigned long long*) = nullptr;
  nvml::Status (*temperature)(nvml::Device, unsigned, unsigned*) = nullptr;
  nvml::Status (*clock)(nvml::Device, unsigned, unsigned*) = nullptr;
  nvml::Status (*slowdowns)(nvml::Device, unsigned long long*) = nullptr;
  nvml::Status (*processes)(nvml::Device, unsigned*, nvml::ProcessInfo*) = nullptr;
  nvml::Status (*samples)(nvml::Device,
                          nvml::ProcessSample*,
                          unsigned*,
                          unsigned long long) = nullptr;
};

// The driver's library, opened at run time, because a node may have none; closed with this object.
class NvmlLibrary {
 public:
  static constexpr std::string_view kFile = "libnvidia-ml.so.1";

  // Where it is looked for: by the loader, then where the GPU operator, GKE and distributions put
  // it. A name without a slash is the loader's to find.
  static std::vector<std::filesystem::path> places();

  // The first of `places` that opens. Error: kUnsupported, none of them; it tells what the last one
  // that exists said.
  static Result<NvmlLibrary> open(std::span<const std::filesystem::path> places);

  const NvmlFunctions& functions() const { return functions_; }
  const std::string& path() const { return path_; }
  // Names of functions that this version lacks, the newest name of each.
  const std::vector<std::string_view>& missing() const { return missing_; }

 private:
  struct Close {
    void operator()(void* handle) const;
  };

  void resolve();

  std::unique_ptr<void, Close> handle_;
  std::string path_;
  NvmlFunctions functions_;
  std::vector<std::string_view> missing_;
};

}  // namespace plumbline::gpu
