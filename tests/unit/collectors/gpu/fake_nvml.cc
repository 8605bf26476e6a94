// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/collectors/gpu/fake_nvml.h"

#include <dlfcn.h>
#include <unistd.h>

#include <stdexcept>

#include <fmt/format.h>

namespace plumbline::gpu {
namespace {

template <class Function>
Function* symbol(void* handle, const char* name) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym() is for
  return reinterpret_cast<Function*>(::dlsym(handle, name));
}

}  // namespace

FakeNvml::FakeNvml(Version version)
    : path_(std::filesystem::path(FAKES) /
            (version == Version::kOld ? "nvml_old" : "nvml_current") / "libnvidia-ml.so.1"),
      handle_(::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (!handle_) throw std::runtime_error(::dlerror());
}

void FakeNvml::Close::operator()(void* handle) const {
  ::dlclose(handle);
}

void FakeNvml::scenario(const std::string& text) const {
  symbol<void(const char*)>(handle_.get(), "fakeNvmlScenario")(text.c_str());
}

std::uint64_t FakeNvml::calls(const char* function) const {
  return symbol<unsigned long(const char*)>(handle_.get(), "fakeNvmlCalls")(function);
}

int FakeNvml::live() const {
  return symbol<int()>(handle_.get(), "fakeNvmlLive")();
}

GpuMachine::GpuMachine(const FakeNvml& nvml)
    : library_(nvml.path()),
      log_(clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kError),
      cgroups_({}, clock_, 1) {
  root_.make_directory("sys");
  root_.make_directory("proc");
}

std::unique_ptr<Collector> GpuMachine::collector(std::chrono::milliseconds patience) const {
  return make_with({.config = config_,
                    .clock = clock_,
                    .log = log_,
                    .cgroups = cgroups_,
                    .proc = root_.path() / "proc",
                    .sys = root_.path() / "sys"},
                   {.places = {library_}, .open_patience = patience, .patience = patience});
}

Batch GpuMachine::collect(Collector& collector, std::chrono::seconds later) {
  Batch out;
  clock_.advance(later);
  if (!collector.collect(clock_.steady() + later, out)) throw std::runtime_error("not collected");
  return out;
}

void GpuMachine::add_process(unsigned pid, const std::string& group, unsigned start) const {
  const auto folder = fmt::format("proc/{}/", pid);
  // Field 22 is the start; the name may hold blanks and brackets.
  root_.write(
      folder + "stat",
      fmt::format("{} (a) b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {} 0 0\n", pid, start));
  root_.write(folder + "cgroup", fmt::format("0::{}\n", group));
}

std::string uuid(int index) {
  return fmt::format("GPU-00000000-0000-0000-0000-{:012}", index);
}

}  // namespace plumbline::gpu
