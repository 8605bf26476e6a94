// SPDX-License-Identifier: Apache-2.0
#include "agent/config/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "agent/config/yaml.h"
#include "agent/core/fd.h"

namespace plumbline {

Result<std::string> read_text_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errno_error(errno, "cannot read the file");
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error(errno, "cannot read the file");
  if (!S_ISREG(status.st_mode)) {
    return Error{.code = Errc::kMalformed, .what = "this is not a regular file"};
  }
  // As large as the file: thousands of them are kept. What grows meanwhile, or is of no size as in
  // /proc, gets more.
  constexpr std::size_t kLeast = 512;
  const auto size = static_cast<std::size_t>(status.st_size) + 1;
  std::string text(std::clamp(size, kLeast, kMaxYamlBytes + 1), '\0');
  std::size_t length = 0;
  while (length <= kMaxYamlBytes) {
    if (length == text.size()) text.resize(std::min(length * 2, kMaxYamlBytes + 1));
    const auto count = ::read(fd.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read the file");
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  text.resize(length);
  return text;
}

}  // namespace plumbline
