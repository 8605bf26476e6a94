// SPDX-License-Identifier: Apache-2.0
//
// A dashboard as a value: what is asked, how the answer is read, where one looks next. How Grafana
// wants it written is no matter here (classic.h, schema_v2.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dashboards/links.h"

namespace plumbline::dashboards {

struct Query {
  std::string expr;
  std::string legend = {};  // "{{instance}}"; tables have none
};

enum class Colour : std::uint8_t { kGreen, kYellow, kRed, kBlue, kGrey };

// From this value on it has this colour.
struct Step {
  double from = 0;
  Colour colour = Colour::kRed;
};

// A number that stands for a word.
struct Meaning {
  int value = 0;
  std::string_view text;
  Colour colour = Colour::kGrey;
};

// How numbers are read. `unit` is Grafana's name for it (units.h).
struct Reading {
  std::string_view unit;
  Colour lowest = Colour::kGreen;  // below the first step
  std::vector<Step> steps = {};
  std::vector<Meaning> meanings = {};
  std::optional<double> min = 0;
  std::optional<double> max = std::nullopt;
};

// One column of a table: a label, or "Value #B" of the second query.
struct Column {
  std::string field;
  std::string title;
  std::optional<Reading> reading = std::nullopt;
};

// Another board, with its variables set to labels of what was clicked on: {"slo", "slo"}.
struct NextBoard {
  BoardId board{};
  std::vector<std::pair<std::string_view, std::string_view>> from_labels = {};
};

enum class PanelKind : std::uint8_t {
  kStat,     // one number, or one for each series
  kLines,    // a graph
  kBands,    // a graph of parts of a whole, stacked
  kTable,    // instant queries side by side
  kHeatmap,  // classic buckets over time
  kStates,   // a coloured line for each series, by meaning
};

// Panels of a row stand from left to right as they are told; a grid is 24 wide.
struct Panel {
  PanelKind kind = PanelKind::kLines;
  std::string title;
  std::string description;  // what it shows and what good looks like
  std::vector<Query> queries;
  Reading reading;
  // Shown when there is no data. Begins with "None" where that is good news; else says why.
  std::string no_data;
  NextBoard next;
  int width = 12;
  std::vector<Column> columns = {};  // of a table, in the order they are shown
};

enum class Fold : std::uint8_t { kOpen, kClosed };

struct Row {
  std::string title;
  Fold fold = Fold::kOpen;
  std::vector<Panel> panels;
};

// A choice at the top of a board: the values that a label has. Each also depends on those before
// it.
struct Variable {
  std::string name;
  std::string title;
  std::string series;  // the selector in label_values(series, label)
  std::string label;
  // What "All" stands for. ".*" also takes series that lack the label.
  std::string_view all = ".+";
};

// Marks in all graphs of a board.
struct Mark {
  std::string name;
  std::string expr;
  std::string title;  // "{{alertname}}"
  std::string text;
  Colour colour = Colour::kRed;
};

struct Board {
  BoardId id{};
  std::string title;
  std::string description;
  std::vector<Variable> variables = {};
  std::vector<Mark> marks = {};
  std::vector<Row> rows = {};
};

// A panel's number and place. Rows count too.
struct Placed {
  const Panel* panel = nullptr;  // nullptr: the head of the row itself
  const Row* row = nullptr;
  int id = 0;
  int x = 0;
  int y = 0;
  int width = 24;
  int height = 1;
};

// In the order in which they are read: each row's head, then its panels.
std::vector<Placed> placed(const Board& board);

// All boards, in the order of a first look.
std::vector<Board> all_boards();

Board slo_board();
Board pipeline_board();
Board clickhouse_board();
Board kafka_board();
Board node_board();
Board workloads_board();
Board agent_board();

}  // namespace plumbline::dashboards
