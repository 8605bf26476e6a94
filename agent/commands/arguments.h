// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/commands/command_line.h"

namespace plumbline {

// One verb with its options, as the user gave them and as far as the definition can check them.
struct Invocation {
  const Verb* verb = nullptr;
  std::vector<std::string> arguments;
  std::map<std::string, std::vector<std::string>> options;  // by name; a flag has one empty value

  // The first one; empty: not given.
  std::string argument() const { return arguments.empty() ? std::string() : arguments.front(); }
  bool has(const std::string& option) const { return options.contains(option); }
  // The last value; `otherwise` when the option was not given.
  std::string value(const std::string& option, std::string_view otherwise = {}) const;
  std::vector<std::string> values(const std::string& option) const;
};

struct HelpRequest {
  const Verb* verb = nullptr;  // nullptr: of the program, or of a group of verbs
  std::string group;
};
struct VersionRequest {};
struct UsageError {
  std::string what;
  std::string suggestion;      // may be empty
  const Verb* verb = nullptr;  // whose help would help
  std::string group;           // ... or that of a group
};

using Parsed = std::variant<Invocation, HelpRequest, VersionRequest, UsageError>;

// `arguments`: without the name of the program.
Parsed parse_arguments(std::span<const std::string> arguments);

}  // namespace plumbline
