// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace plumbline::clickhouse {

// Texts by name that outlive the agent: how far logs were read. Best effort: what cannot be read or
// written is as if it never was, and costs a gap or a repetition.
class StateFile {
 public:
  using Texts = std::map<std::string, std::string, std::less<>>;  // without tabs and line breaks

  // An empty path: nothing is kept.
  explicit StateFile(std::filesystem::path path) : path_(std::move(path)) {}

  Texts load() const;
  // Replaces the file as a whole, when anything has changed.
  void save(const Texts& texts);

 private:
  std::filesystem::path path_;
  Texts saved_;
};

}  // namespace plumbline::clickhouse
