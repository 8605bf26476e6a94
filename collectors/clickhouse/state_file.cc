// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/state_file.h"

#include <fstream>
#include <string_view>
#include <system_error>

namespace plumbline::clickhouse {

StateFile::Texts StateFile::load() const {
  Texts out;
  if (path_.empty()) return out;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab != std::string::npos) out[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return out;
}

void StateFile::save(const Texts& texts) {
  if (path_.empty() || texts == saved_) return;
  auto fresh = path_;
  fresh += ".new";
  {
    std::ofstream file(fresh, std::ios::trunc);
    for (const auto& [name, text] : texts) file << name << '\t' << text << '\n';
    if (!file.flush()) return;
  }
  std::error_code failed;
  std::filesystem::rename(fresh, path_, failed);
  if (!failed) saved_ = texts;
}

}  // namespace plumbline::clickhouse
