// SPDX-License-Identifier: Apache-2.0
//
// The command line, told once as data: parsing, help, completion and the manual page read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// What a value is, for checking and for completion.
enum class ValueKind : std::uint8_t {
  kNone,  // the option is a flag
  kText,
  kFile,
  kDirectory,
  kChoice,
  kSetting,    // KEY=VALUE of the configuration
  kCollector,  // the name of one
};

enum class Repeat : std::uint8_t { kOnce, kMany };

struct Option {
  char letter = 0;         // 0: none
  std::string_view name;   // without the dashes
  std::string_view value;  // how help calls the value: "FILE"; empty for flags
  ValueKind kind = ValueKind::kNone;
  std::span<const std::string_view> choices = {};
  Repeat repeat = Repeat::kOnce;
  std::string_view help;
};

// The word, or words, that a verb may take besides options.
struct Argument {
  std::string_view name;  // "FILE"
  ValueKind kind = ValueKind::kText;
  std::span<const std::string_view> choices = {};
  enum class Presence : std::uint8_t { kOptional, kRequired } presence = Presence::kOptional;
  Repeat repeat = Repeat::kOnce;
  std::string_view help;
};

struct Example {
  std::string_view command;
  std::string_view purpose;
};

struct Verb {
  std::string_view name;         // one word, or two: "journal stats" is of the group "journal"
  std::string_view summary;      // one line, no full stop
  std::string_view description;  // sentences
  std::optional<Argument> argument;
  std::span<const Option> options;  // --help is everywhere and not listed
  std::span<const Example> examples;
};

std::span<const Verb> verbs();

// "journal" of "journal stats"; empty: the verb is of no group.
std::string_view group_of(const Verb& verb);
// "stats" of "journal stats": the word after the group.
std::string_view word_of(const Verb& verb);

// The words that may come first, each once, in the order of the table.
std::vector<std::string> first_words();
// The words that may follow the word of a group; empty: it is no group.
std::vector<std::string> words_of_group(std::string_view group);

// "A small agent …": the first sentence of help and manual.
std::string_view program_summary();

struct ExitMeaning {
  int code;
  std::string_view meaning;
};
std::span<const ExitMeaning> exit_meanings();

// "-c, --config FILE"
std::string synopsis(const Option& option);

}  // namespace plumbline
