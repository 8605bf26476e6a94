// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "agent/core/fd.h"

namespace plumbline::gpu {
namespace {

// Of /proc/PID/stat and cgroup; a group's path is at most PATH_MAX.
constexpr std::size_t kMaxFile = 8192;

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string_view group_in(std::string_view text) {
  std::string_view memory;
  while (!text.empty()) {
    const auto line = next_line(text);  // "0::/path" or "7:memory:/path"
    const auto first = line.find(':');
    const auto second = line.find(':', first == line.npos ? first : first + 1);
    if (second == line.npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto path = line.substr(second + 1);
    if (controllers == "memory") memory = path;
    if (controllers.empty() && path != "/") return path;
  }
  return memory;
}

std::uint64_t start_in(std::string_view text) {
  constexpr int kStartField = 20;  // behind the name, which may contain anything
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return 0;
  text.remove_prefix(name_end + 1);
  for (int i = 0; i < kStartField; ++i) {
    const auto space = text.find(' ');
    if (space == text.npos) return 0;
    text.remove_prefix(space + 1);
  }
  std::uint64_t start = 0;
  std::from_chars(text.data(), text.data() + text.size(), start);
  return start;
}

const ProcessGroups::Group* ProcessGroups::find(unsigned pid) {
  const auto start = start_in(read(pid, "stat"));
  const auto known = known_.find(pid);
  if (start == 0) {
    if (known == known_.end()) return nullptr;
    known->second.group.alive = false;
    known->second.used = look_;
    return &known->second.group;
  }
  auto& entry = known == known_.end() ? known_[pid] : known->second;
  if (entry.start != start) {
    entry.start = start;
    entry.group.path = group_in(read(pid, "cgroup"));
  }
  entry.group.alive = true;
  entry.used = look_;
  return &entry.group;
}

void ProcessGroups::forget_old() {
  std::erase_if(known_, [&](const auto& entry) { return entry.second.used != look_; });
  ++look_;
}

std::string_view ProcessGroups::read(unsigned pid, const char* file) {
  path_.clear();
  fmt::format_to(std::back_inserter(path_), "{}/{}/{}", proc_.native(), pid, file);
  buffer_.resize(kMaxFile);
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  const auto length = fd ? ::read(fd.get(), buffer_.data(), buffer_.size()) : -1;
  return std::string_view(buffer_).substr(0, length > 0 ? static_cast<std::size_t>(length) : 0);
}

}  // namespace plumbline::gpu
