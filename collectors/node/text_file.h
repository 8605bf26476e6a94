// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/fd.h"

namespace plumbline::node {

// The room that files are read into: one for all files of a collector. Grows up to kMaxBytes.
class ReadBuffer {
 public:
  // A /proc/stat of 512 CPUs and their interrupts has 150 KB.
  static constexpr std::size_t kMaxBytes = 1U << 20U;

  ReadBuffer() : bytes_(16U << 10U) {}

  // Reads `fd` from its start. What is behind kMaxBytes is left out. nullopt when it fails; errno
  // says why. The view is valid until the next read.
  std::optional<std::string_view> read(int fd);

 private:
  std::vector<char> bytes_;
};

// A text file of the kernel that is read again and again: opened once, then pread.
class TextFile {
 public:
  explicit TextFile(std::string path) : path_(std::move(path)) {}

  // nullopt when it cannot be read now. A file that was missing is looked for again now and then.
  std::optional<std::string_view> read(ReadBuffer& buffer);

  const std::string& path() const { return path_; }
  // The errno of the last read; 0 when it was fine.
  int error() const { return error_; }

 private:
  // In reads. An open() that fails costs as much as a small read.
  static constexpr std::uint32_t kRetry = 30;

  std::string path_;
  Fd fd_;
  int error_ = 0;
  std::uint32_t wait_ = 0;
};

}  // namespace plumbline::node
