// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/team.h"

#include <array>

#include <fmt/format.h>

namespace plumbline {
namespace {

Error bad_rule(std::string_view rule, std::string_view why) {
  return {.code = Errc::kMalformed, .what = fmt::format("team rule \"{}\": {}", rule, why)};
}

Result<std::shared_ptr<const regex_t>> compile(std::string_view rule, std::string_view pattern) {
  auto* raw = new regex_t{};
  const auto whole = fmt::format("^({})$", pattern);
  if (const int problem = ::regcomp(raw, whole.c_str(), REG_EXTENDED | REG_NOSUB); problem != 0) {
    std::array<char, 128> text{};
    ::regerror(problem, raw, text.data(), text.size());
    delete raw;
    return bad_rule(rule, text.data());
  }
  return std::shared_ptr<const regex_t>(raw, [](regex_t* compiled) {
    ::regfree(compiled);
    delete compiled;
  });
}

bool matches(const regex_t& pattern, const std::string& text) {
  return ::regexec(&pattern, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace

Result<TeamRules::Rule> TeamRules::parse_rule(const std::string& text) {
  const auto colon = text.find(':');
  const auto word = text.substr(0, colon);
  const auto rest = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  Rule rule{.text = text};
  if (word == "namespace" && colon == std::string::npos) {
    rule.kind = Kind::kNamespaceItself;
    return rule;
  }
  if (rest.empty()) return bad_rule(text, "nothing stands behind the colon");
  if (word == "label" || word == "annotation") {
    rule.kind = word == "label" ? Kind::kLabel : Kind::kAnnotation;
    rule.key = rest;
    return rule;
  }
  if (word == "default") {
    rule.kind = Kind::kDefault;
    rule.team = rest;
    return rule;
  }
  if (word != "namespace" && word != "workload") {
    return bad_rule(text, "begins with none of label, annotation, namespace, workload, default");
  }
  const auto equals = rest.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == rest.size()) {
    return bad_rule(text, fmt::format("write {}:PATTERN=TEAM", word));
  }
  rule.kind = word == "namespace" ? Kind::kNamespace : Kind::kWorkload;
  rule.team = rest.substr(equals + 1);
  auto pattern = compile(text, std::string_view(rest).substr(0, equals));
  if (!pattern) return pattern.error();
  rule.pattern = *std::move(pattern);
  return rule;
}

Result<TeamRules> TeamRules::parse(std::span<const std::string> rules) {
  TeamRules out;
  for (const auto& text : rules) {
    auto rule = parse_rule(text);
    if (!rule) return rule.error();
    out.rules_.push_back(*std::move(rule));
  }
  return out;
}

TeamMatch TeamRules::match(const Pod* pod, const Workload& workload) const {
  for (const auto& rule : rules_) {
    if (rule.kind == Kind::kDefault) return {.team = rule.team, .rule = rule.text};
    if (pod == nullptr) continue;
    const std::string* value = nullptr;
    switch (rule.kind) {
      case Kind::kLabel:
        value = find_label(pod->labels, rule.key);
        break;
      case Kind::kAnnotation:
        value = find_label(pod->annotations, rule.key);
        break;
      case Kind::kNamespaceItself:
        value = &pod->name_space;
        break;
      case Kind::kNamespace:
        if (matches(*rule.pattern, pod->name_space)) value = &rule.team;
        break;
      case Kind::kWorkload:
        if (matches(*rule.pattern, workload.name)) value = &rule.team;
        break;
      case Kind::kDefault:
        break;
    }
    if (value != nullptr && !value->empty()) return {.team = *value, .rule = rule.text};
  }
  return {};
}

void TeamRules::add_wishes(LabelChoice& choice) const {
  for (const auto& rule : rules_) {
    if (rule.kind == Kind::kLabel) choice.labels.push_back(rule.key);
    if (rule.kind == Kind::kAnnotation) choice.annotations.push_back(rule.key);
  }
}

}  // namespace plumbline
