// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/nvml_library.h"

#include <dlfcn.h>

#include <initializer_list>
#include <utility>

namespace plumbline::gpu {

std::vector<std::filesystem::path> NvmlLibrary::places() {
  std::vector<std::filesystem::path> out{kFile};
  for (const auto* folder : {"/run/nvidia/driver/usr/lib/x86_64-linux-gnu",
                             "/run/nvidia/driver/usr/lib/aarch64-linux-gnu",
                             "/run/nvidia/driver/usr/lib64",
                             "/home/kubernetes/bin/nvidia/lib64",
                             "/usr/lib/x86_64-linux-gnu",
                             "/usr/lib/aarch64-linux-gnu",
                             "/usr/lib64",
                             "/usr/local/cuda/lib64"}) {
    out.push_back(std::filesystem::path(folder) / kFile);
  }
  return out;
}

Result<NvmlLibrary> NvmlLibrary::open(std::span<const std::filesystem::path> places) {
  std::string reason;
  for (const auto& place : places) {
    NvmlLibrary library;
    library.handle_.reset(::dlopen(place.c_str(), RTLD_LAZY | RTLD_LOCAL));
    if (library.handle_) {
      library.path_ = place.string();
      library.resolve();
      return library;
    }
    std::error_code failed;
    const char* const text = ::dlerror();
    if (text != nullptr && std::filesystem::exists(place, failed)) reason = text;
  }
  return Error{Errc::kUnsupported,
               reason.empty()
                   ? "the NVIDIA driver's " + std::string(kFile) + " is nowhere to be found"
                   : "the NVIDIA driver's library does not open: " + reason};
}

void NvmlLibrary::resolve() {
  const auto find = [&](auto& function, std::initializer_list<const char*> names) {
    for (const auto* name : names) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym() is for
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          ::dlsym(handle_.get(), name));
      if (function != nullptr) return;
    }
    missing_.emplace_back(*names.begin());
  };
  find(functions_.init, {"nvmlInit_v2"});
  find(functions_.shutdown, {"nvmlShutdown"});
  find(functions_.driver_version, {"nvmlSystemGetDriverVersion"});
  find(functions_.count, {"nvmlDeviceGetCount_v2"});
  find(functions_.handle, {"nvmlDeviceGetHandleByIndex_v2"});
  find(functions_.uuid, {"nvmlDeviceGetUUID"});
  find(functions_.name, {"nvmlDeviceGetName"});
  find(functions_.serial, {"nvmlDeviceGetSerial"});
  find(functions_.pci, {"nvmlDeviceGetPciInfo_v3"});
  find(functions_.utilization, {"nvmlDeviceGetUtilizationRates"});
  find(functions_.encoder, {"nvmlDeviceGetEncoderUtilization"});
  find(functions_.decoder, {"nvmlDeviceGetDecoderUtilization"});
  find(functions_.memory_v2, {"nvmlDeviceGetMemoryInfo_v2"});
  find(functions_.memory, {"nvmlDeviceGetMemoryInfo"});
  find(functions_.fields, {"nvmlDeviceGetFieldValues"});
  find(functions_.power, {"nvmlDeviceGetPowerUsage"});
  find(functions_.energy, {"nvmlDeviceGetTotalEnergyConsumption"});
  find(functions_.temperature, {"nvmlDeviceGetTemperature"});
  find(functions_.clock, {"nvmlDeviceGetClockInfo"});
  find(functions_.slowdowns,
       {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
  find(functions_.processes,
       {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
  find(functions_.samples, {"nvmlDeviceGetProcessUtilization"});
}

void NvmlLibrary::Close::operator()(void* handle) const {
  ::dlclose(handle);
}

}  // namespace plumbline::gpu
