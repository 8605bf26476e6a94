// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/arguments.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/suggest.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace plumbline {
namespace {

const Verb* find_verb(std::string_view name) {
  const auto all = verbs();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Verb& verb) { return verb.name == name; });
  return found == all.end() ? nullptr : &*found;
}

UsageError unknown_verb(const std::string& word) {
  return {.what = fmt::format("there is no command \"{}\"", word),
          .suggestion = closest(word, first_words())};
}

UsageError unknown_word(const Verb& verb, const std::string& word) {
  if (!word.starts_with('-')) {
    return {.what = fmt::format("{} does not know what to do with \"{}\"", verb.name, word),
            .suggestion = {},
            .verb = &verb};
  }
  std::vector<std::string> names{"--help"};
  for (const auto& option : verb.options) names.push_back(fmt::format("--{}", option.name));
  const auto name = word.substr(0, word.find('='));
  return {.what = fmt::format("{} has no option {}", verb.name, name),
          .suggestion = closest(name, names),
          .verb = &verb};
}

// Nothing, or why `value` is not one of `choices`.
std::optional<UsageError> check_choice(const Verb& verb,
                                       std::string_view of,
                                       std::span<const std::string_view> choices,
                                       const std::string& value) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return std::nullopt;
  }
  const std::vector<std::string> names(choices.begin(), choices.end());
  return UsageError{
      .what = fmt::format("{} is one of {}, not \"{}\"", of, fmt::join(choices, ", "), value),
      .suggestion = closest(value, names),
      .verb = &verb};
}

std::optional<UsageError> check(const Invocation& invocation) {
  const auto& verb = *invocation.verb;
  for (const auto& option : verb.options) {
    const auto given = invocation.values(std::string(option.name));
    const auto name = fmt::format("--{}", option.name);
    if (option.repeat == Repeat::kOnce && given.size() > 1) {
      return UsageError{.what = fmt::format("{} was given {} times", name, given.size()),
                        .suggestion = {},
                        .verb = &verb};
    }
    for (const auto& value : given) {
      if (auto error = check_choice(verb, name, option.choices, value)) return error;
    }
  }
  if (!verb.argument) return std::nullopt;
  if (!invocation.arguments.empty()) {
    return check_choice(verb, verb.argument->name, verb.argument->choices, invocation.argument());
  }
  if (verb.argument->presence == Argument::Presence::kOptional) return std::nullopt;
  return UsageError{
      .what = fmt::format("{} needs {}: {}", verb.name, verb.argument->name, verb.argument->help),
      .suggestion = {},
      .verb = &verb};
}

// CLI11 splits words into options and values; what they mean is ours.
Parsed parse_verb(const Verb& verb, std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  bool wants_help = false;
  app.add_flag("-h,--help", wants_help);
  std::map<std::string, std::vector<std::string>> given;
  std::map<std::string, CLI::Option*> known;
  for (const auto& option : verb.options) {
    const auto name = option.letter == 0 ? fmt::format("--{}", option.name)
                                         : fmt::format("-{},--{}", option.letter, option.name);
    auto& values = given[std::string(option.name)];
    auto* added = option.kind == ValueKind::kNone
                      ? app.add_flag(name)
                      : app.add_option(name, values)->allow_extra_args(false);
    known[std::string(option.name)] = added;
  }
  Invocation invocation{.verb = &verb};
  std::reverse(words.begin(), words.end());  // the order CLI11 takes them in
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return UsageError{.what = error.what(), .suggestion = {}, .verb = &verb};
  }
  if (wants_help) return HelpRequest{&verb};
  auto extras = app.remaining();
  while (verb.argument && !extras.empty() && !extras.front().starts_with('-')) {
    invocation.arguments.push_back(extras.front());
    extras.erase(extras.begin());
    if (verb.argument->repeat == Repeat::kOnce) break;
  }
  if (!extras.empty()) return unknown_word(verb, extras.front());
  for (const auto& [name, option] : known) {
    if (option->count() == 0) continue;
    invocation.options[name] = given[name].empty() ? std::vector<std::string>{""} : given[name];
  }
  if (auto error = check(invocation)) return *std::move(error);
  return invocation;
}

struct FoundVerb {
  const Verb* verb = nullptr;
  std::size_t words = 1;  // that name it
};

// The verb that the first words name, or what is wrong with them.
std::variant<FoundVerb, UsageError> verb_at(std::span<const std::string> words) {
  if (const auto* verb = find_verb(words[0])) return FoundVerb{.verb = verb};
  const auto known = words_of_group(words[0]);
  if (known.empty()) return unknown_verb(words[0]);
  if (words.size() == 1 || words[1].starts_with('-')) {
    return UsageError{.what = fmt::format("{} needs one of {}", words[0], fmt::join(known, ", ")),
                      .suggestion = {},
                      .group = words[0]};
  }
  if (const auto* verb = find_verb(words[0] + " " + words[1])) {
    return FoundVerb{.verb = verb, .words = 2};
  }
  return UsageError{
      .what = fmt::format("{} knows {}, not \"{}\"", words[0], fmt::join(known, ", "), words[1]),
      .suggestion = closest(words[1], known),
      .group = words[0]};
}

// `words`: what the help is asked of.
Parsed help_of(std::span<const std::string> words) {
  if (words.empty()) return HelpRequest{};
  if (words.size() == 1 && !words_of_group(words[0]).empty()) return HelpRequest{.group = words[0]};
  const auto found = verb_at(words);
  if (const auto* error = std::get_if<UsageError>(&found)) return *error;
  return HelpRequest{.verb = std::get<FoundVerb>(found).verb};
}

}  // namespace

std::string Invocation::value(const std::string& option, std::string_view otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Invocation::values(const std::string& option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

Parsed parse_arguments(std::span<const std::string> arguments) {
  if (arguments.empty()) return UsageError{.what = "a command is missing", .suggestion = {}};
  const auto& first = arguments.front();
  if (first == "-h" || first == "--help") return HelpRequest{};
  if (first == "-V" || first == "--version") return VersionRequest{};
  if (first == "help") return help_of(arguments.subspan(1));
  if (first.starts_with('-')) {
    return UsageError{.what = fmt::format("a command must come before {}", first),
                      .suggestion = {}};
  }
  if (arguments.size() > 1 && (arguments[1] == "-h" || arguments[1] == "--help")) {
    return help_of(arguments.first(1));
  }
  const auto found = verb_at(arguments);
  if (const auto* error = std::get_if<UsageError>(&found)) return *error;
  const auto& [verb, words] = std::get<FoundVerb>(found);
  const auto rest = arguments.subspan(words);
  return parse_verb(*verb, {rest.begin(), rest.end()});
}

}  // namespace plumbline
