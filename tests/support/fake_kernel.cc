// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_kernel.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace plumbline {

FakeKernel::FakeKernel()
    : log_(clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kError),
      cgroups_({.mode = CgroupMode::kUnified, .unified = root_.make_directory("cgroup"), .v1 = {}},
               clock_,
               config.limits.cgroups) {
  root_.make_directory("sys");
  set_capabilities("0000000000000000");
}

void FakeKernel::set_capabilities(std::string_view hexadecimal) const {
  write("proc/self/status", std::string("Name:\tx\nCapEff:\t").append(hexadecimal) + "\n");
}

std::uint64_t FakeKernel::make_group(std::string_view path) const {
  const auto directory = root_.make_directory(std::filesystem::path("cgroup") / path.substr(1));
  struct stat status {};
  ::stat(directory.c_str(), &status);
  return status.st_ino;
}

void FakeKernel::remove_group(std::string_view path) const {
  std::filesystem::remove_all(root_.path() / "cgroup" / path.substr(1));
}

void FakeKernel::tick() {
  clock_.advance(std::chrono::seconds(1));
  cgroups_.refresh();
}

CollectorContext FakeKernel::context() {
  return {.config = config,
          .clock = clock_,
          .log = log_,
          .cgroups = cgroups_,
          .proc = root_.path() / "proc",
          .sys = root_.path() / "sys"};
}

}  // namespace plumbline
