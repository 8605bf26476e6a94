// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace plumbline {

// Fails the current test unless the file at `path` (relative to the root of the repository) holds
// `actual`. With PLUMBLINE_UPDATE_GOLDEN=1 in the environment the file is written instead; review
// the difference before committing it.
void expect_golden(const std::filesystem::path& path, std::string_view actual);

// Empty when there is no such file.
std::string read_text(const std::filesystem::path& path);

}  // namespace plumbline
