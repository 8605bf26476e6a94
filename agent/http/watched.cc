// SPDX-License-Identifier: Apache-2.0
#include "agent/http/watched.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "agent/core/fd.h"

namespace plumbline {
namespace {
constexpr std::size_t kMaxFile = 1U << 20U;  // a system's whole CA bundle is about 220 KiB
}

FileStamp stamp_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {.modified = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
          .size = info.st_size,
          .inode = info.st_ino};
}

Result<std::string> read_small_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error(errno, fmt::format("cannot open {}", path));
  std::string content(kMaxFile + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const auto n = ::read(file.get(), content.data() + size, content.size() - size);
    if (n < 0) return errno_error(errno, fmt::format("cannot read {}", path));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMaxFile) {
    return Error{.code = Errc::kExhausted, .what = fmt::format("{} is longer than 1 MiB", path)};
  }
  content.resize(size);
  content.shrink_to_fit();
  return content;
}

}  // namespace plumbline
