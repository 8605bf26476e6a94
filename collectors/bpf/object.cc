// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/object.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <ranges>

#include <bpf/bpf.h>

namespace plumbline::bpf {
namespace {

// libbpf has one printer for the process and calls it on the thread that works.
thread_local LibbpfMessages* current = nullptr;

int keep_warnings(libbpf_print_level level, const char* format, va_list arguments) {
  if (!current || level != LIBBPF_WARN) return 0;
  std::array<char, 4096> line{};
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  if (length > 0) {
    current->append({line.data(), std::min(static_cast<std::size_t>(length), line.size() - 1)});
  }
  return length;
}

// The last line that says something of its own: the verifier's verdict comes last, framed by
// libbpf's markers and statistics.
std::string_view verdict(std::string_view text) {
  std::string_view best;
  for (const auto range : text | std::views::split('\n')) {
    const std::string_view line(range.begin(), range.end());
    const auto says_nothing =
        line.empty() || line.find("-- ") != line.npos || line.starts_with("processed ") ||
        line.find("failed to load") != line.npos || line.find("failed to auto-attach") != line.npos;
    if (!says_nothing) best = line;
  }
  return best;
}

}  // namespace

LibbpfMessages::LibbpfMessages() : outer_(std::exchange(current, this)) {
  static std::once_flag once;
  std::call_once(once, [] { libbpf_set_print(keep_warnings); });
}

LibbpfMessages::~LibbpfMessages() {
  current = outer_;
}

void LibbpfMessages::append(std::string_view text) {
  text_.append(text);
  if (text_.size() > 2 * kKeep) text_.erase(0, text_.size() - kKeep);
}

Error LibbpfMessages::error(int number, std::string_view what) const {
  auto error = errno_error(number, what);
  if (const auto line = verdict(text_); !line.empty()) {
    error.what += " (";
    error.what += line;
    error.what += ")";
  }
  return error;
}

std::vector<ProgramStats> program_stats(const bpf_object& object) {
  std::vector<ProgramStats> all;
  bpf_program* program = nullptr;
  while ((program = bpf_object__next_program(&object, program))) {
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    const int fd = bpf_program__fd(program);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) continue;
    all.push_back({.name = bpf_program__name(program),
                   .run_time_ns = info.run_time_ns,
                   .runs = info.run_cnt,
                   .recursion_misses = info.recursion_misses});
  }
  return all;
}

}  // namespace plumbline::bpf
