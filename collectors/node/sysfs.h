// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline::node {

// Small files of sysfs that are looked for anew each time, because devices come and go.

// Without the newline at the end; empty when it cannot be read.
std::string read_text(const std::filesystem::path& path);
// kAbsent when it cannot be read or is no number.
double read_number(const std::filesystem::path& path);

// Names in a directory that start with `prefix`, sorted. Not more than kMaxEntries.
inline constexpr std::size_t kMaxEntries = 4096;
std::vector<std::string> list_names(const std::filesystem::path& directory,
                                    std::string_view prefix = {});

}  // namespace plumbline::node
