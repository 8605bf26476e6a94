// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "agent/core/fd.h"
#include "collectors/node/text.h"

namespace plumbline::node {

std::string read_text(const std::filesystem::path& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::array<char, 4096> bytes;  // sysfs gives one page at most
  const auto got = ::read(file.get(), bytes.data(), bytes.size());
  if (got <= 0) return {};
  const std::string_view text(bytes.data(), static_cast<std::size_t>(got));
  return std::string(text.substr(0, text.find_last_not_of(" \n") + 1));
}

double read_number(const std::filesystem::path& path) {
  return to_number(read_text(path));
}

std::vector<std::string> list_names(const std::filesystem::path& directory,
                                    std::string_view prefix) {
  std::vector<std::string> out;
  std::error_code error;
  std::filesystem::directory_iterator it(directory, error);
  for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    auto name = it->path().filename().string();
    if (name.starts_with(prefix) && out.size() < kMaxEntries) out.push_back(std::move(name));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace plumbline::node
