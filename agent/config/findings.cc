// SPDX-License-Identifier: Apache-2.0
#include "agent/config/findings.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "agent/config/suggest.h"
#include "agent/config/value.h"

namespace plumbline {

void Findings::add(std::string_view key,
                   std::string what,
                   std::string expected,
                   std::string suggestion) {
  tell({.severity = Severity::kError,
        .what = std::move(what),
        .expected = std::move(expected),
        .suggestion = std::move(suggestion)},
       key);
}

void Findings::warn(std::string_view key, std::string what, std::string suggestion) {
  tell({.severity = Severity::kWarning,
        .what = std::move(what),
        .suggestion = std::move(suggestion)},
       key);
}

bool Findings::has_place(std::string_view key) const {
  return places_.contains(fmt::format("{}.{}", place_, key));
}

void Findings::tell(Problem problem, std::string_view key) {
  if (problems_.size() >= kMaxProblems) return;
  auto found = places_.find(fmt::format("{}.{}", place_, key));
  if (found == places_.end()) found = places_.find(place_);
  if (found == places_.end()) {
    problem.source = std::make_shared<const Source>(Source{Source::Kind::kArgument, noun_, ""});
  } else {
    problem.source = found->second.source;
    problem.at = found->second.at;
    problem.length = found->second.length;
  }
  problems_.push_back(std::move(problem));
}

void check_name(const DestinationName& destination,
                std::set<std::string>& names,
                Findings& findings) {
  const auto& name = destination.name.empty() ? destination.own : destination.name;
  if (name.empty() || names.insert(name).second) return;
  findings.add(destination.name.empty() ? destination.own_key : "name",
               fmt::format("another destination has {} too", in_quotes(name)),
               "a name for each, such as name: backup");
}

void check_filter(const FilterConfig& filter, Findings& findings) {
  static const std::array<std::string, 3> kKnown{"metrics", "traces", "logs"};
  for (const auto& signal : filter.signals) {
    if (std::ranges::find(kKnown, signal) != kKnown.end()) continue;
    findings.add("filter.signals",
                 fmt::format("there is no signal {}", in_quotes(signal)),
                 "metrics, traces or logs",
                 closest(signal, kKnown));
  }
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void check_key_mode(const std::string& file, std::string_view key, Findings& findings) {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return;
  if ((status.st_mode & S_IROTH) == 0) return;
  findings.warn(key, fmt::format("every user of this machine can read {}", in_quotes(file)));
}

}  // namespace plumbline
