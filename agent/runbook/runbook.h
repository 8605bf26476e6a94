// SPDX-License-Identifier: Apache-2.0
//
// The runbooks, as they stand in runbooks/, in the program itself: on a bad night no file and no
// page is needed to read them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

struct Runbook {
  std::string_view name;  // "PipelineBacklog"
  std::string_view text;  // Markdown
};

// By name.
std::span<const Runbook> runbooks();

// Those that `alert` may have: the one of that name; else those whose trouble the alert's name ends
// with, the most of it: UserEventsIngestionBacklog → PipelineBacklog.
std::vector<Runbook> runbooks_of(std::string_view alert);

// What is known of an alert: its labels and annotations.
using AlertValues = std::map<std::string, std::string, std::less<>>;

// The text with {{topic}} and the like replaced; what is not known becomes <topic>.
std::string fill_in(std::string_view text, const AlertValues& values);

enum class Styling : bool { kPlain, kColoured };

// For a terminal: headings, commands and tables as one reads them there.
std::string for_terminal(std::string_view markdown, Styling styling);

}  // namespace plumbline
