// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/help.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plumbline {
namespace {

// Where the explanation of an option begins.
constexpr std::size_t kHelpColumn = 26;

std::string entry(std::string_view head, std::string_view help) {
  auto text = wrapped(help, kHelpColumn);
  if (head.size() + 4 > kHelpColumn) return fmt::format("  {}\n{}", head, text);
  return fmt::format("  {:<{}}{}", head, kHelpColumn - 2, text.substr(kHelpColumn));
}

std::string option_help(const Option& option) {
  auto help = std::string(option.help);
  if (!option.choices.empty()) help += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
  if (option.repeat == Repeat::kMany) help += " May be repeated.";
  return entry(synopsis(option), help);
}

std::string examples_help(std::span<const Example> examples) {
  std::string out = "\nExamples:\n";
  for (const auto& example : examples) {
    out += fmt::format("  {}\n      {}\n", example.command, example.purpose);
  }
  return out;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::string line(indent, ' ');
  bool is_empty = true;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!is_empty && line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line.assign(indent, ' ');
      is_empty = true;
    }
    if (!is_empty) line += ' ';
    line += word;
    is_empty = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

std::string usage_line(const Verb& verb) {
  auto line = fmt::format("plumbline {}", verb.name);
  if (!verb.options.empty()) line += " [OPTION]...";
  if (!verb.argument) return line;
  const bool required = verb.argument->presence == Argument::Presence::kRequired;
  const auto more = verb.argument->repeat == Repeat::kMany ? "..." : "";
  return line + (required ? fmt::format(" {}{}", verb.argument->name, more)
                          : fmt::format(" [{}]{}", verb.argument->name, more));
}

std::string program_help() {
  auto out =
      wrapped(program_summary(), 0) + "\nUsage: plumbline COMMAND [OPTION]...\n\nCommands:\n";
  for (const auto& verb : verbs()) out += entry(verb.name, verb.summary);
  out += "\nOptions:\n";
  out += entry("-h, --help", "Show this, or the help of a command.");
  out += entry("-V, --version", "Show the version.");
  std::vector<Example> examples;
  for (const auto& verb : verbs()) examples.push_back(verb.examples.front());
  out += examples_help(examples);
  out += "\nExit codes:\n";
  for (const auto& exit : exit_meanings())
    out += fmt::format("  {}  {}\n", exit.code, exit.meaning);
  return out;
}

std::string group_help(std::string_view group) {
  auto out = fmt::format("Usage: plumbline {} COMMAND [OPTION]...\n\nCommands:\n", group);
  for (const auto& verb : verbs()) {
    if (group_of(verb) == group) out += entry(word_of(verb), verb.summary);
  }
  return out + fmt::format("\n`plumbline {} COMMAND --help` tells the options of one.\n", group);
}

std::string verb_help(const Verb& verb) {
  auto summary = std::string(verb.summary);
  summary.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(summary.front())));
  auto out = fmt::format(
      "{}.\n\nUsage: {}\n\n{}", summary, usage_line(verb), wrapped(verb.description, 0));
  out += "\nOptions:\n";
  for (const auto& option : verb.options) out += option_help(option);
  out += entry("-h, --help", "Show this.");
  if (verb.argument) {
    out += "\nArgument:\n" + entry(verb.argument->name, verb.argument->help);
  }
  return out + examples_help(verb.examples);
}

}  // namespace plumbline
