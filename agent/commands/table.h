// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

using Row = std::vector<std::string>;

// Columns aligned with two blanks between them, the first row as a head; no blanks at the ends of
// lines. Cells may hold UTF-8, one column a character.
std::string text_table(const std::vector<Row>& rows);

// A table in Markdown; pipes in cells are escaped.
std::string markdown_table(const std::vector<Row>& rows);

}  // namespace plumbline
