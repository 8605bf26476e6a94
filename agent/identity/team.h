// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <regex.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/identity/pod.h"
#include "agent/identity/workload.h"

namespace plumbline {

// Who pays, and the rule that said so; both empty when none did.
struct TeamMatch {
  std::string team;
  std::string rule;
};

// Ordered rules, the first that fits decides:
//   label:KEY                 the value of that label of the pod
//   annotation:KEY            likewise
//   namespace                 the name of the namespace
//   namespace:PATTERN=TEAM    an extended regular expression that the whole namespace matches
//   workload:PATTERN=TEAM     likewise the name of the workload: of the Deployment, not of the pod
//   default:TEAM              everything else, pods or not
class TeamRules {
 public:
  TeamRules() = default;

  // Errors: kMalformed, with the rule.
  static Result<TeamRules> parse(std::span<const std::string> rules);

  // `pod`: nullptr for a container without one.
  TeamMatch match(const Pod* pod, const Workload& workload) const;

  // The labels and annotations that rules ask for.
  void add_wishes(LabelChoice& choice) const;

 private:
  enum class Kind : std::uint8_t {
    kLabel,
    kAnnotation,
    kNamespaceItself,
    kNamespace,
    kWorkload,
    kDefault,
  };
  struct Rule {
    Kind kind{};
    std::string text;  // as it was written
    std::string key;   // of kLabel, kAnnotation
    std::string team;
    std::shared_ptr<const regex_t> pattern;
  };

  static Result<Rule> parse_rule(const std::string& text);

  std::vector<Rule> rules_;
};

}  // namespace plumbline
