// SPDX-License-Identifier: Apache-2.0
#include "agent/runbook/runbook.h"

#include <chrono>
#include <optional>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/fetch.h"
#include "agent/commands/program.h"
#include "agent/commands/table.h"
#include "agent/config/suggest.h"
#include "agent/config/value.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::json;

constexpr auto kPatience = std::chrono::seconds(5);
constexpr std::string_view kAlertName = "alertname";
constexpr std::string_view kRunbook = "runbook";

std::string value_of(const AlertValues& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string() : found->second;
}

// Alerts of that name, or with that runbook, those that are not silenced first.
Result<std::vector<AlertValues>> firing(const std::string& server, const std::string& name) {
  const auto url = parse_url(server);
  if (!url) return url.error();
  const auto body = fetch(*url, {.target = "/api/v2/alerts", .timeout = kPatience});
  if (!body) return body.error();
  const auto json = Json::parse(*body, nullptr, false);
  if (!json.is_array()) {
    return Error{.code = Errc::kMalformed, .what = "its answer is no list of alerts"};
  }
  std::vector<AlertValues> found;
  for (const auto& alert : json) {
    AlertValues values;
    for (const auto* part : {"annotations", "labels"}) {
      const auto pairs = alert.value(part, Json::object());
      for (const auto& [key, value] : pairs.items()) {
        if (value.is_string()) values[key] = value.get<std::string>();
      }
    }
    if (value_of(values, kAlertName) != name && value_of(values, kRunbook) != name) continue;
    values["since"] = alert.value("startsAt", "");
    const auto status = alert.value("status", Json::object());
    const bool active = status.value("state", "active") == "active";
    found.insert(active ? found.begin() : found.end(), std::move(values));
  }
  return found;
}

// What the command line tells of the alert, and Alertmanager where it is asked.
Result<AlertValues> values_for(const Invocation& invocation, Program& program) {
  AlertValues values;
  if (invocation.has("alertmanager")) {
    const auto server = invocation.value("alertmanager");
    const auto found = firing(server, invocation.argument());
    if (!found) {
      return Error{.code = found.error().code,
                   .what = fmt::format("{}: {}", server, found.error().what)};
    }
    if (found->empty()) {
      program.err << fmt::format(
          "plumbline: {} does not fire at {}\n", invocation.argument(), server);
    } else {
      values = found->front();
      if (found->size() > 1) {
        program.err << fmt::format("plumbline: {} alerts of this name fire; this is one of them\n",
                                   found->size());
      }
    }
  }
  for (const auto& label : invocation.values("label")) {
    const auto end = label.find('=');
    if (end == std::string::npos || end == 0) {
      return Error{.code = Errc::kMalformed, .what = "--label expects KEY=VALUE"};
    }
    values[label.substr(0, end)] = label.substr(end + 1);
  }
  return values;
}

Result<Runbook> runbook_for(const std::string& alert) {
  auto found = runbooks_of(alert);
  if (found.size() == 1) return found.front();
  std::vector<std::string> names;
  for (const auto& one : found.empty() ? runbooks() : std::span<const Runbook>(found)) {
    names.emplace_back(one.name);
  }
  auto what =
      found.empty()
          ? fmt::format("there is no runbook for {}", in_quotes(alert))
          : fmt::format("{} may have one of these: {}", in_quotes(alert), fmt::join(names, ", "));
  if (const auto near = closest(alert, names); found.empty() && !near.empty()) {
    what += fmt::format("; did you mean {}?", near);
  }
  return Error{.code = Errc::kMalformed, .what = std::move(what)};
}

// The first sentence of its meaning.
std::string meaning_of(std::string_view text) {
  constexpr std::string_view kMeaning = "## Meaning\n";
  text.remove_prefix(std::min(text.size(), text.find(kMeaning) + kMeaning.size()));
  text = text.substr(0, text.find(". "));
  std::string line(text.substr(0, text.find("\n\n")));
  for (auto& c : line) {
    if (c == '\n') c = ' ';
  }
  return fill_in(line, {});
}

int list(Program& program) {
  std::vector<Row> rows{{"RUNBOOK", "SAYS"}};
  for (const auto& runbook : runbooks()) {
    rows.push_back({std::string(runbook.name), meaning_of(runbook.text)});
  }
  program.out << text_table(rows);
  return kDone;
}

}  // namespace

int command_runbook(const Invocation& invocation, Program& program) {
  if (invocation.argument().empty()) return list(program);
  const auto values = values_for(invocation, program);
  if (!values) {
    return fail(program, values.error().what, invocation.has("alertmanager") ? kFailed : kUsage);
  }
  const auto named = value_of(*values, kRunbook);
  const auto runbook = runbook_for(named.empty() ? invocation.argument() : named);
  if (!runbook) return fail(program, runbook.error().what, kUsage);
  auto text = fill_in(runbook->text, *values);
  if (const auto since = value_of(*values, "since"); !since.empty()) {
    text = fmt::format("# {} since {}\n{}\n\n{}",
                       value_of(*values, kAlertName),
                       since,
                       value_of(*values, "description"),
                       text);
  }
  const bool markdown = invocation.value("output", "text") == "markdown";
  program.out << (markdown ? text
                           : for_terminal(text,
                                          program.out_colour == Colour::kOn ? Styling::kColoured
                                                                            : Styling::kPlain));
  return kDone;
}

}  // namespace plumbline
