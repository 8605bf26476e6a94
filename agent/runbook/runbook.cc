// SPDX-License-Identifier: Apache-2.0
#include "agent/runbook/runbook.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace plumbline {
namespace {

// What runbooks begin with and alerts of manifests do not.
constexpr std::array<std::string_view, 3> kSubjects{"Pipeline", "ClickHouse", "Slo"};

std::string_view trouble_of(std::string_view runbook) {
  for (const auto subject : kSubjects) {
    if (runbook.starts_with(subject)) return runbook.substr(subject.size());
  }
  return runbook;
}

}  // namespace

std::vector<Runbook> runbooks_of(std::string_view alert) {
  std::vector<Runbook> found;
  std::size_t most = 0;
  for (const auto& runbook : runbooks()) {
    if (runbook.name == alert) return {runbook};
    const auto trouble = trouble_of(runbook.name);
    if (!alert.ends_with(trouble) || trouble.size() < most) continue;
    if (trouble.size() > most) found.clear();
    most = trouble.size();
    found.push_back(runbook);
  }
  return found;
}

std::string fill_in(std::string_view text, const AlertValues& values) {
  constexpr std::string_view kOpen = "{{";
  constexpr std::string_view kClose = "}}";
  std::string out;
  for (;;) {
    const auto begin = text.find(kOpen);
    const auto end = begin == std::string_view::npos ? begin : text.find(kClose, begin);
    if (end == std::string_view::npos) return out += text;
    const auto name = text.substr(begin + kOpen.size(), end - begin - kOpen.size());
    out += text.substr(0, begin);
    const auto value = values.find(name);
    out +=
        value == values.end() || value->second.empty() ? fmt::format("<{}>", name) : value->second;
    text.remove_prefix(end + kClose.size());
  }
}

}  // namespace plumbline
