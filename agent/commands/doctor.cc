// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <ostream>

#include <fmt/format.h>

#include "agent/commands/help.h"
#include "agent/commands/machine.h"
#include "agent/commands/program.h"
#include "agent/commands/table.h"
#include "agent/core/clock.h"
#include "agent/identity/cgroups.h"
#include "agent/identity/sources/pod_resources.h"
#include "collectors/registry.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

struct Diagnosis {
  struct OfCollector {
    const CollectorInfo* info;
    bool enabled = true;
    std::string error;  // why nothing at all of it can be collected; empty: it opened
    std::vector<Coverage> signals;
  };

  std::vector<MachineFact> machine;
  std::vector<OfCollector> collectors;
  std::array<std::size_t, 3> signals{};  // by SignalState
};

bool is_enabled(const Config& config, std::string_view name) {
  const auto section = config.collectors.find(std::string(name));
  return section == config.collectors.end() || section->second.enabled;
}

// Opens one collector after the other, and closes it again, so that all of them need no more
// kernel memory than the greatest of them.
Diagnosis examine(const Config& config, const Program& program) {
  Diagnosis diagnosis{.machine = machine_facts(program.proc, program.sys)};
  if (auto devices = devices_fact(pod_resources_socket(config.identity))) {
    diagnosis.machine.push_back(*std::move(devices));
  }
  const SystemClock clock;
  Log log(clock, STDERR_FILENO, config.log_format, LogLevel::kError);
  auto mounts = find_cgroup_mounts(program.proc);
  CgroupIndex cgroups(mounts ? *std::move(mounts) : CgroupMounts{}, clock, config.limits.cgroups);
  const CollectorContext context{.config = config,
                                 .clock = clock,
                                 .log = log,
                                 .cgroups = cgroups,
                                 .proc = program.proc,
                                 .sys = program.sys};
  for (const auto& entry : collector_registry()) {
    Diagnosis::OfCollector result{
        .info = entry.info,
        .enabled = is_enabled(config, entry.info->name) &&
                   (entry.has_targets == nullptr || entry.has_targets(config))};
    if (result.enabled) {
      const auto collector = entry.make(context);
      const auto opened = collector->open();
      if (!opened) result.error = opened.error().what;
      const auto coverage = collector->coverage();
      result.signals.assign(coverage.begin(), coverage.end());
    }
    for (const auto& signal : result.signals) {
      ++diagnosis.signals.at(static_cast<std::size_t>(signal.state));
    }
    diagnosis.collectors.push_back(std::move(result));
  }
  return diagnosis;
}

std::string_view name_of(MachineFact::State state) {
  switch (state) {
    case MachineFact::State::kGood:
      return "good";
    case MachineFact::State::kLacking:
      return "lacking";
    case MachineFact::State::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string as_json(const Diagnosis& diagnosis) {
  Json json{{"version", 1}, {"machine", Json::array()}, {"collectors", Json::array()}};
  for (const auto& fact : diagnosis.machine) {
    Json item{{"name", fact.name}, {"value", fact.value}, {"state", name_of(fact.state)}};
    if (!fact.advice.empty()) item["advice"] = fact.advice;
    json["machine"].push_back(std::move(item));
  }
  for (const auto& collector : diagnosis.collectors) {
    Json item{{"name", collector.info->name}, {"enabled", collector.enabled}};
    if (!collector.error.empty()) item["error"] = collector.error;
    item["signals"] = Json::array();
    for (const auto& signal : collector.signals) {
      item["signals"].push_back({{"signal", signal.signal},
                                 {"state", to_string(signal.state)},
                                 {"mechanism", signal.mechanism},
                                 {"reason", signal.reason}});
    }
    json["collectors"].push_back(std::move(item));
  }
  for (const auto state :
       {SignalState::kAvailable, SignalState::kDegraded, SignalState::kUnavailable}) {
    json["signals"][to_string(state)] = diagnosis.signals.at(static_cast<std::size_t>(state));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Rows with a paragraph below some of them.
struct Line {
  Row row;
  std::string note;
  std::string_view colour = {};  // of the row; an SGR code
};

std::string with_notes(const std::vector<Line>& lines, Colour colour) {
  std::vector<Row> rows;
  rows.reserve(lines.size());
  for (const auto& line : lines) rows.push_back(line.row);
  const auto text = text_table(rows);
  std::string out;
  std::size_t begin = 0;
  for (const auto& line : lines) {
    const auto end = text.find('\n', begin);
    const auto row = text.substr(begin, end - begin);
    const bool painted = colour == Colour::kOn && !line.colour.empty();
    out += painted ? fmt::format("\x1b[{}m{}\x1b[0m\n", line.colour, row) : row + "\n";
    if (!line.note.empty()) out += wrapped(line.note, 6, 100);
    begin = end + 1;
  }
  return out;
}

std::string_view colour_of(SignalState state) {
  constexpr std::array<std::string_view, 3> kColours{"", "33", "31"};
  return kColours.at(static_cast<std::size_t>(state));
}

std::string as_table(const Diagnosis& diagnosis, Colour colour) {
  std::vector<Line> machine{{.row = {"MACHINE", "STATE", "VALUE"}, .note = {}, .colour = "1"}};
  for (const auto& fact : diagnosis.machine) {
    machine.push_back({.row = {fact.name, std::string(name_of(fact.state)), fact.value},
                       .note = fact.advice,
                       .colour = fact.state == MachineFact::State::kLacking ? "33" : ""});
  }
  std::vector<Line> signals{{.row = {"SIGNAL", "STATE", "MECHANISM"}, .note = {}, .colour = "1"}};
  for (const auto& collector : diagnosis.collectors) {
    const std::string name(collector.info->name);
    if (!collector.enabled) {
      signals.push_back({.row = {name, "disabled", ""}, .note = "by the configuration"});
    } else if (!collector.error.empty() && collector.signals.empty()) {
      signals.push_back(
          {.row = {name, "unavailable", ""}, .note = collector.error, .colour = "31"});
    }
    for (const auto& signal : collector.signals) {
      signals.push_back({.row = {std::string(signal.signal),
                                 std::string(to_string(signal.state)),
                                 signal.mechanism},
                         .note = signal.reason,
                         .colour = colour_of(signal.state)});
    }
  }
  return fmt::format("{}\n{}\n{} signals: {} available, {} degraded, {} unavailable\n",
                     with_notes(machine, colour),
                     with_notes(signals, colour),
                     diagnosis.signals[0] + diagnosis.signals[1] + diagnosis.signals[2],
                     diagnosis.signals[0],
                     diagnosis.signals[1],
                     diagnosis.signals[2]);
}

bool is_whole(const Diagnosis& diagnosis) {
  for (const auto& collector : diagnosis.collectors) {
    if (!collector.error.empty()) return false;
  }
  return diagnosis.signals[1] + diagnosis.signals[2] == 0;
}

}  // namespace

int command_doctor(const Invocation& invocation, Program& program) {
  const auto loaded = read_config(load_options(invocation, program));
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) return kUsage;
  const auto diagnosis = examine(loaded.config, program);
  program.out << (invocation.value("output", "table") == "json"
                      ? as_json(diagnosis)
                      : as_table(diagnosis, program.out_colour));
  return is_whole(diagnosis) ? kDone : kFindings;
}

}  // namespace plumbline
