// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/man_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/command_line.h"
#include "agent/commands/help.h"
#include "agent/config/fields.h"
#include "agent/core/version.h"
#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

// Text as troff shows it: no escapes, no requests at the beginning of a line, hyphens that can be
// copied into a shell.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string section(std::string_view title) {
  return fmt::format(".SH {}\n", title);
}

std::string tagged(std::string_view head, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(head), roff(text));
}

std::string describe(const Option& option) {
  auto help = std::string(option.help);
  if (!option.choices.empty()) help += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
  if (option.repeat == Repeat::kMany) help += " May be repeated.";
  const auto head = synopsis(option);
  return tagged(std::string_view(head).substr(head.find('-')), help);
}

std::string describe(const Verb& verb) {
  auto out = fmt::format(".SS {}\n{}\n", roff(usage_line(verb)), roff(verb.description));
  for (const auto& option : verb.options) out += describe(option);
  if (verb.argument) out += tagged(verb.argument->name, verb.argument->help);
  return out;
}

std::string describe(const DocumentedField& field) {
  const auto value = format_value(*field.info, field.default_value);
  auto text =
      fmt::format("{} Expects {}.", field.info->description, describe_expected(*field.info));
  if (!value.empty()) text += fmt::format(" Default: {}.", value);
  return tagged(field.key, text);
}

std::string manifests() {
  auto out =
      section("MANIFESTS") +
      roff(
          "What a team writes about the things it owns, for explain and generate: YAML documents "
          "of a kind each, several in a file if one likes. plumbline schema tells the same to an "
          "editor.") +
      "\n";
  for (const auto& kind : manifest_kinds()) {
    out += fmt::format(".SS {}\n{}\n", roff(kind.name), roff(kind.description));
    for (const auto& [key, info, value] : manifest_values(default_manifest(kind))) {
      out += describe({.key = key, .info = info, .default_value = value});
    }
  }
  out += fmt::format(".SS {}\n{}\n",
                     roff(fmt::format("{}[], of every kind", kSlosKey)),
                     roff("Objectives that are told by queries."));
  const SloSpec defaults;
  for (const auto& field : slo_fields()) {
    out += describe({.key = std::string(field.info.key),
                     .info = &field.info,
                     .default_value = field.load(defaults)});
  }
  return out;
}

std::string examples() {
  std::string out = section("EXAMPLES");
  for (const auto& verb : verbs()) {
    for (const auto& example : verb.examples) out += tagged(example.command, example.purpose);
  }
  return out;
}

}  // namespace

std::string man_page() {
  auto out = fmt::format(
      ".\\\" From agent/commands/command_line.cc and agent/config/fields.cc; a test keeps it "
      "fresh.\n.TH PLUMBLINE 1 \"\" \"plumbline {}\" \"User Commands\"\n",
      version());
  out += section("NAME") + "plumbline \\- one small agent per node that measures the kernel\n";
  out += section("SYNOPSIS");
  for (const auto& verb : verbs()) out += fmt::format(".B {}\n.br\n", roff(usage_line(verb)));
  out += section("DESCRIPTION") + roff(program_summary()) + "\n";
  out += section("COMMANDS");
  for (const auto& verb : verbs()) out += describe(verb);
  out += section("CONFIGURATION") +
         roff(
             "YAML. Every key is optional. A dot stands for a section, [] for an item of a list; "
             "with --set, otlp.0.timeout is the timeout of the first destination. Durations are "
             "written as 500ms, 10s, 1m30s, 2h or 1d, sizes as 512KiB, 16MiB or 4MB.") +
         "\n";
  for (const auto& field : documented_fields()) out += describe(field);
  out += manifests() + section("ENVIRONMENT");
  out += tagged("OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME",
                "Resource attributes, below those of the file.");
  out += tagged("OTEL_EXPORTER_OTLP_*",
                "A destination, when neither the file nor the command line names one.");
  out += tagged("NO_COLOR", "When set and not empty, output is never coloured.");
  out +=
      section("FILES") +
      tagged("/etc/plumbline/plumbline.yaml", "The configuration, when --config names no other.") +
      tagged("/var/lib/plumbline", "What must survive a restart.") +
      tagged("/var/lib/plumbline/journal.db", "The journal, when --journal names no other.");
  out += section("SIGNALS") +
         tagged("SIGTERM, SIGINT", "Deliver what is queued, then end; a second one ends at once.") +
         tagged("SIGHUP", "Read the configuration again.");
  out += section("EXIT STATUS");
  for (const auto& exit : exit_meanings()) out += tagged(fmt::to_string(exit.code), exit.meaning);
  return out + examples();
}

}  // namespace plumbline
