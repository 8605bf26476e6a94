// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/config/quantity.h"
#include "agent/config/value.h"
#include "agent/manifest/checks.h"
#include "agent/manifest/import.h"
#include "agent/manifest/promql_text.h"

namespace plumbline {
namespace {

constexpr std::uint64_t kDayMs = 24ULL * 3600 * 1000;
// What the rules of every objective have, and Prometheus.
constexpr std::array<std::string_view, 9> kTaken{
    "slo", "slo_tier", "severity", "team", "namespace", "service", "alertname", "alertstate", "le"};

bool is_label(std::string_view text) {
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

class SloCheck {
 public:
  SloCheck(const SloSpec& slo, const std::string& place, Findings& findings)
      : slo_(slo), place_(place), findings_(findings) {}

  void run() {
    if (slo_.name.empty()) {
      complain("", "the objective has no name", "name");
    } else if (manifest_name(slo_.name) != slo_.name) {
      complain("name",
               fmt::format("{} cannot be the name of an objective", in_quotes(slo_.name)),
               "lower case letters, digits and '-'");
    }
    const bool counts = !slo_.good.empty() || !slo_.bad.empty() || !slo_.total.empty();
    if (counts == !slo_.bad_when.empty()) {
      complain(
          "",
          counts ? "the objective counts events and moments" : "nothing tells what is good or bad",
          "good or bad with total, or badWhen");
      return;
    }
    if (counts) {
      check_counts();
    } else {
      check_query("badWhen", slo_.bad_when, false);
      if (slo_.slice_target > 0) {
        complain("sliceTarget", "moments of badWhen are no shares of events", "good or bad");
      }
    }
    if (static_cast<std::uint64_t>(slo_.window.count()) % kDayMs != 0) {
      complain("window", "a period is whole days", "a duration such as 30d");
    }
    for (const auto& label : slo_.by) check_label(label);
  }

 private:
  void check_counts() {
    if (slo_.good.empty() == slo_.bad.empty()) {
      complain("", "of good and bad one is needed, and one is enough", "good or bad");
    }
    if (slo_.total.empty()) complain("", "nothing counts all events", "total");
    check_query("good", slo_.good, true);
    check_query("bad", slo_.bad, true);
    check_query("total", slo_.total, true);
  }

  void check_query(std::string_view key, const std::string& query, bool has_window) {
    if (query.empty()) return;
    if (const auto why = promql_complaint(query); !why.empty()) {
      complain(key, why, "PromQL");
    } else if (has_window && query.find(kWindowPlace) == std::string::npos) {
      complain(key,
               "the query does not count within $window",
               "such as sum(increase(http_requests_total[$window]))");
    }
  }

  void check_label(const std::string& label) {
    if (!is_label(label)) {
      complain("by", fmt::format("{} is no label", in_quotes(label)), "letters, digits and '_'");
    } else if (std::ranges::find(kTaken, label) != kTaken.end()) {
      complain("by", fmt::format("the label {} is taken", in_quotes(label)), "another label");
    }
  }

  void complain(std::string_view key, std::string what, std::string expected) {
    const auto whole = fmt::format("{}.{}", place_, key);
    findings_.add(key.empty() || !findings_.has_place(whole) ? place_ : whole,
                  std::move(what),
                  std::move(expected));
  }

  const SloSpec& slo_;
  const std::string& place_;
  Findings& findings_;
};

}  // namespace

void check_slo(const SloSpec& slo, const std::string& place, Findings& findings) {
  SloCheck(slo, place, findings).run();
}

}  // namespace plumbline
