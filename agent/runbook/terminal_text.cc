// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "agent/runbook/runbook.h"

namespace plumbline {
namespace {

constexpr std::string_view kFence = "```";
constexpr std::size_t kWidth = 96;

// Characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string> cells_of(std::string_view row) {
  std::vector<std::string> cells;
  row.remove_prefix(1);
  while (!row.empty()) {
    const auto end = row.find('|');
    if (end == std::string_view::npos) break;
    cells.emplace_back(trimmed(row.substr(0, end)));
    row.remove_prefix(end + 1);
  }
  return cells;
}

// The words of a text in lines of at most `width`.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) {
      lines.emplace_back();
    }
    lines.back() += lines.back().empty() ? word : " " + word;
  }
  return lines;
}

class Terminal {
 public:
  explicit Terminal(Styling styling) : styling_(styling) {}

  std::string text(std::string_view markdown) {
    std::istringstream lines{std::string(markdown)};
    for (std::string line; std::getline(lines, line);) add(line);
    end_table();
    return std::move(out_);
  }

 private:
  void add(std::string_view line) {
    if (line.starts_with('|') && !in_code_) {
      table_.push_back(cells_of(line));
      return;
    }
    end_table();
    if (line.starts_with(kFence)) {
      in_code_ = !in_code_;
    } else if (in_code_) {
      out_ += fmt::format("    {}\n", styled(line, "36"));
    } else if (line.starts_with('#')) {
      const auto title = trimmed(line.substr(line.find_first_not_of('#')));
      out_ += styled(title, "1") + "\n";
    } else {
      prose(line);
    }
  }

  void prose(std::string_view line) {
    const auto indent = line.starts_with("- ") ? 2U
                        : line.find(". ") < 3  ? static_cast<unsigned>(line.find(". ")) + 2
                                               : 0U;
    std::string_view lead = line.substr(0, indent);
    for (const auto& part : wrapped(line.substr(indent), kWidth - indent)) {
      out_ += fmt::format("{:<{}}{}\n", lead, indent, part);
      lead = {};
    }
  }

  // Each column as wide as its widest cell; the last one is wrapped.
  void end_table() {
    if (table_.empty()) return;
    std::erase_if(table_, [](const auto& row) {
      return std::ranges::all_of(
          row, [](const auto& cell) { return cell.find_first_not_of("-:") == std::string::npos; });
    });
    std::vector<std::size_t> widths;
    for (const auto& row : table_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], width_of(row[i]));
      }
    }
    constexpr std::size_t kCell = 34;
    for (auto& width : widths) width = std::min(width, kCell);
    for (const auto& row : table_) add_row(row, widths, &row == &table_.front());
    table_.clear();
  }

  void add_row(const std::vector<std::string>& row,
               const std::vector<std::size_t>& widths,
               bool is_head) {
    std::vector<std::vector<std::string>> columns;
    std::size_t height = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      columns.push_back(wrapped(row[i], widths[i]));
      height = std::max(height, columns.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      std::string text;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& cell = line < columns[i].size() ? columns[i][line] : std::string();
        text += cell + std::string(std::max(widths[i], width_of(cell)) - width_of(cell) + 2, ' ');
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out_ += "  " + (is_head ? styled(text, "4") : text) + "\n";
    }
  }

  std::string styled(std::string_view text, std::string_view code) const {
    return styling_ == Styling::kPlain ? std::string(text)
                                       : fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }

  Styling styling_;
  bool in_code_ = false;
  std::vector<std::vector<std::string>> table_;
  std::string out_;
};

}  // namespace

std::string for_terminal(std::string_view markdown, Styling styling) {
  return Terminal(styling).text(markdown);
}

}  // namespace plumbline
