// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/usage.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <bpf/bpf.h>

namespace plumbline::bpf {
namespace {

std::optional<std::uint64_t> field(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return {};
  const auto start = text.find_first_not_of(" \t", at + key.size());
  if (start == text.npos) return {};
  std::uint64_t value = 0;
  const auto* first = text.data() + start;
  const auto read = std::from_chars(first, text.data() + text.size(), value);
  if (read.ec != std::errc{}) return {};
  return value;
}

std::string name_of(int fd) {
  bpf_prog_info info{};
  __u32 size = sizeof(info);
  return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.name : "";
}

void add_descriptor(const std::filesystem::path& entry, Usage& usage) {
  std::ifstream file(entry);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto memory = field(text, "memlock:");
  if (!memory) return;
  if (field(text, "map_id:")) {
    usage.map_bytes += *memory;
  } else if (field(text, "prog_id:")) {
    usage.program_bytes += *memory;
    usage.programs.push_back({.name = name_of(std::stoi(entry.filename())),
                              .run_time_ns = field(text, "run_time_ns:").value_or(0),
                              .runs = field(text, "run_cnt:").value_or(0),
                              .recursion_misses = field(text, "recursion_misses:").value_or(0)});
  }
}

}  // namespace

Result<Usage> own_usage(const std::filesystem::path& proc) {
  Usage usage;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc / "self/fdinfo", error)) {
    add_descriptor(entry.path(), usage);
  }
  if (error) return errno_error(error.value(), "cannot read " + (proc / "self/fdinfo").native());
  return usage;
}

}  // namespace plumbline::bpf
