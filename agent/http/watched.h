// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/log.h"
#include "agent/core/result.h"

namespace plumbline {

// What tells one content of a file from another without reading it.
struct FileStamp {
  std::int64_t modified = 0;  // nanoseconds
  std::int64_t size = -1;     // -1: the file cannot be seen
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const std::string& path);

// The whole content of a small file: a token, a list of headers, a certificate. At most 1 MiB.
Result<std::string> read_small_file(const std::string& path);

// A value made from files, made anew when one of them changes (a rotated certificate or token).
// When the new files are bad the last good value stays, and one warning says so.
template <class T>
class Watched {
 public:
  Watched(std::vector<std::string> paths, std::function<Result<T>()> load, Log& log)
      : paths_(std::move(paths)), load_(std::move(load)), log_(log) {}

  // Fails only when there never was a good value.
  Result<T> get() {
    std::vector<FileStamp> stamps;
    stamps.reserve(paths_.size());
    for (const auto& path : paths_) stamps.push_back(stamp_of(path));
    if (value_ && stamps == stamps_) return *value_;
    stamps_ = std::move(stamps);
    auto loaded = load_();
    if (loaded) {
      value_ = *std::move(loaded);
      return *value_;
    }
    if (!value_) return std::move(loaded).error();
    log_.warning("otlp", "{}; the last good one stays in use", loaded.error().what);
    return *value_;
  }

 private:
  std::vector<std::string> paths_;
  std::function<Result<T>()> load_;
  Log& log_;
  std::vector<FileStamp> stamps_;
  std::optional<T> value_;
};

}  // namespace plumbline
