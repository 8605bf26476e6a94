// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace plumbline {

// A directory of its own for one test, removed with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  TempDir(TempDir&&) = delete;
  TempDir& operator=(TempDir&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a file below the directory, with the directories it needs; returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;
  std::filesystem::path make_directory(const std::filesystem::path& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace plumbline
