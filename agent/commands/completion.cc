// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/completion.h"

#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/program.h"
#include "agent/config/fields.h"
#include "collectors/registry.h"

namespace plumbline {
namespace {

// "export.interval=", for --set.
std::vector<std::string> setting_keys(const std::vector<std::string>& collectors) {
  std::vector<std::string> keys;
  for (const auto& field : config_fields()) keys.push_back(fmt::format("{}=", field.info.key));
  for (const auto& name : collectors) {
    for (const auto& field : collector_fields()) {
      keys.push_back(fmt::format("collectors.{}.{}=", name, field.info.key));
    }
  }
  for (const auto& field : clickhouse_fields()) {
    keys.push_back(fmt::format("clickhouse.0.{}=", field.info.key));
  }
  for (const auto& field : otlp_fields()) keys.push_back(fmt::format("otlp.0.{}=", field.info.key));
  for (const auto& field : kafka_fields()) {
    keys.push_back(fmt::format("kafka.0.{}=", field.info.key));
  }
  for (const auto& field : kafka_cluster_fields()) {
    keys.push_back(fmt::format("kafka_clusters.0.{}=", field.info.key));
  }
  return keys;
}

std::vector<std::string> option_names(const Verb& verb) {
  std::vector<std::string> names;
  for (const auto& option : verb.options) names.push_back(fmt::format("--{}", option.name));
  names.emplace_back("--help");
  return names;
}

// What bash does for a value of this kind.
std::string bash_value(ValueKind kind,
                       std::span<const std::string_view> choices,
                       const std::vector<std::string>& collectors) {
  switch (kind) {
    case ValueKind::kFile:
      return "compopt -o default";
    case ValueKind::kDirectory:
      return "compopt -o dirnames";
    case ValueKind::kChoice:
      return fmt::format("_plumbline_words '{}'", fmt::join(choices, " "));
    case ValueKind::kSetting:
      return fmt::format("compopt -o nospace; _plumbline_words '{}'",
                         fmt::join(setting_keys(collectors), " "));
    case ValueKind::kCollector:
      return fmt::format("_plumbline_words '{}'", fmt::join(collectors, " "));
    default:
      return ":";
  }
}

std::string bash_verb(const Verb& verb, const std::vector<std::string>& collectors) {
  auto out = fmt::format("    {})\n      case $previous in\n", word_of(verb));
  for (const auto& option : verb.options) {
    if (option.kind == ValueKind::kNone) continue;
    const auto letter = option.letter == 0 ? std::string() : fmt::format("-{} | ", option.letter);
    out += fmt::format("        {}--{}) {}; return ;;\n",
                       letter,
                       option.name,
                       bash_value(option.kind, option.choices, collectors));
  }
  out += "      esac\n";
  auto argument = std::string(":");
  if (verb.argument) argument = bash_value(verb.argument->kind, verb.argument->choices, collectors);
  return out + fmt::format(
                   "      case $current in\n"
                   "        -*) _plumbline_words '{}' ;;\n"
                   "        *) {} ;;\n"
                   "      esac\n"
                   "      ;;\n",
                   fmt::join(option_names(verb), " "),
                   argument);
}

// What follows the first word: a verb, or the verbs of a group.
std::string bash_word(const std::string& word, const std::vector<std::string>& collectors) {
  const auto group = words_of_group(word);
  std::string out;
  for (const auto& verb : verbs()) {
    if (group.empty() ? verb.name == word : group_of(verb) == word) {
      out += bash_verb(verb, collectors);
    }
  }
  if (group.empty()) return out;
  return fmt::format(
      "    {})\n"
      "      if ((COMP_CWORD == 2)); then\n"
      "        _plumbline_words '{} --help'\n"
      "        return\n"
      "      fi\n"
      "      case ${{COMP_WORDS[2]}} in\n"
      "{}"
      "      esac\n"
      "      ;;\n",
      word,
      fmt::join(group, " "),
      out);
}

// _arguments takes ':' and brackets for itself.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == ':' || c == '[' || c == ']' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string zsh_value(ValueKind kind,
                      std::span<const std::string_view> choices,
                      const std::vector<std::string>& collectors) {
  switch (kind) {
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kDirectory:
      return "_files -/";
    case ValueKind::kChoice:
      return fmt::format("({})", fmt::join(choices, " "));
    case ValueKind::kSetting:
      return fmt::format("_values -S = setting {}", fmt::join(setting_keys(collectors), " "));
    case ValueKind::kCollector:
      return fmt::format("({})", fmt::join(collectors, " "));
    default:
      return " ";
  }
}

std::string zsh_verb(const Verb& verb, const std::vector<std::string>& collectors) {
  auto out = fmt::format("        {})\n          _arguments \\\n", word_of(verb));
  for (const auto& option : verb.options) {
    const auto help = zsh_escaped(option.help);
    const auto value = option.kind == ValueKind::kNone
                           ? std::string()
                           : fmt::format(":{}:{}",
                                         zsh_escaped(option.value),
                                         zsh_value(option.kind, option.choices, collectors));
    const auto repeat = option.repeat == Repeat::kMany ? "*" : "";
    if (option.letter == 0) {
      out += fmt::format("            '{}--{}[{}]{}' \\\n", repeat, option.name, help, value);
    } else {
      out += fmt::format("            '(-{0} --{1})'{{-{0},--{1}}}'[{2}]{3}' \\\n",
                         option.letter,
                         option.name,
                         help,
                         value);
    }
  }
  if (verb.argument) {
    out += fmt::format("            '{}:{}:{}' \\\n",
                       verb.argument->repeat == Repeat::kMany ? "*" : "1",
                       verb.argument->name,
                       zsh_value(verb.argument->kind, verb.argument->choices, collectors));
  }
  return out + "            '(-h --help)'{-h,--help}'[Show this.]'\n          ;;\n";
}

std::string zsh_word(const std::string& word, const std::vector<std::string>& collectors) {
  const auto group = words_of_group(word);
  std::string out;
  for (const auto& verb : verbs()) {
    if (group.empty() ? verb.name == word : group_of(verb) == word) {
      out += zsh_verb(verb, collectors);
    }
  }
  if (group.empty()) return out;
  return fmt::format(
      "        {})\n"
      "          _arguments -C '1:command:({})' '*:: :->rest'\n"
      "          [[ $state == rest ]] || return\n"
      "          case $line[1] in\n"
      "{}"
      "          esac\n"
      "          ;;\n",
      word,
      fmt::join(group, " "),
      out);
}

// What the first word is for: the summary of a verb, or the verbs of a group.
std::string zsh_summary(const std::string& word) {
  const auto group = words_of_group(word);
  if (!group.empty()) return fmt::format("{}", fmt::join(group, ", "));
  for (const auto& verb : verbs()) {
    if (verb.name == word) return std::string(verb.summary);
  }
  return {};
}

}  // namespace

std::string bash_completion(const std::vector<std::string>& collectors) {
  auto out = fmt::format(
      "# bash completion of plumbline, written by `plumbline completion bash`\n"
      "_plumbline_words() {{\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n"
      "}}\n"
      "\n"
      "_plumbline() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}\n"
      "  COMPREPLY=()\n"
      "  # bash splits --option=value in three words\n"
      "  if [[ $current == = ]]; then\n"
      "    current=\n"
      "  elif [[ $previous == = ]]; then\n"
      "    previous=${{COMP_WORDS[COMP_CWORD - 2]}}\n"
      "  fi\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    _plumbline_words '{0} help --help --version'\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n"
      "    help) _plumbline_words '{0}' ;;\n",
      fmt::join(first_words(), " "));
  for (const auto& word : first_words()) out += bash_word(word, collectors);
  return out +
         "  esac\n"
         "}\n"
         "complete -F _plumbline plumbline\n";
}

std::string zsh_completion(const std::vector<std::string>& collectors) {
  std::string out =
      "#compdef plumbline\n"
      "# zsh completion of plumbline, written by `plumbline completion zsh`\n"
      "_plumbline() {\n"
      "  local line state\n"
      "  _arguments -C \\\n"
      "    '(-h --help)'{-h,--help}'[Show help.]' \\\n"
      "    '(-V --version)'{-V,--version}'[Show the version.]' \\\n"
      "    '1: :->command' \\\n"
      "    '*:: :->arguments'\n"
      "  case $state in\n"
      "    command)\n"
      "      local -a commands=(\n";
  for (const auto& word : first_words()) {
    out += fmt::format("        '{}:{}'\n", word, zsh_escaped(zsh_summary(word)));
  }
  out +=
      "      )\n"
      "      _describe command commands\n"
      "      ;;\n"
      "    arguments)\n"
      "      case $line[1] in\n";
  for (const auto& word : first_words()) out += zsh_word(word, collectors);
  return out +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _plumbline ]]; then\n"
         "  _plumbline \"$@\"\n"
         "else\n"
         "  compdef _plumbline plumbline\n"
         "fi\n";
}

int command_completion(const Invocation& invocation, Program& program) {
  std::vector<std::string> collectors;
  for (const auto& entry : collector_registry()) collectors.emplace_back(entry.info->name);
  program.out << (invocation.argument() == "zsh" ? zsh_completion(collectors)
                                                 : bash_completion(collectors));
  return kDone;
}

}  // namespace plumbline
