// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace plumbline::node {

std::optional<std::string_view> ReadBuffer::read(int fd) {
  std::size_t length = 0;
  while (length < kMaxBytes) {
    if (length == bytes_.size()) bytes_.resize(std::min(bytes_.size() * 2, kMaxBytes));
    const auto got =
        ::pread(fd, bytes_.data() + length, bytes_.size() - length, static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  return std::string_view(bytes_.data(), length);
}

std::optional<std::string_view> TextFile::read(ReadBuffer& buffer) {
  if (!fd_) {
    if (wait_ > 0) {
      --wait_;
      return std::nullopt;
    }
    fd_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd_) {
      error_ = errno;
      wait_ = kRetry;
      return std::nullopt;
    }
  }
  const auto text = buffer.read(fd_.get());
  error_ = text ? 0 : errno;
  if (!text) fd_.reset();
  return text;
}

}  // namespace plumbline::node
