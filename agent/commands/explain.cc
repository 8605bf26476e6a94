// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/load_manifests.h"
#include "agent/commands/program.h"
#include "agent/commands/table.h"
#include "agent/config/quantity.h"
#include "agent/generate/indicator.h"
#include "agent/generate/limit_rules.h"
#include "agent/generate/slo_rules.h"
#include "agent/manifest/checks.h"
#include "agent/manifest/fields.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kWidest = 60;  // of a value in a table

std::string shown(const ManifestValue& value) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&value.value)) {
    return list->empty() ? std::string() : fmt::format("[{}]", fmt::join(*list, ", "));
  }
  return format_value(*value.info, value.value);
}

// One line, not too long.
std::string in_a_cell(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= kWidest) return text;
  auto end = kWidest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

// "platform.yaml:4", or "default".
std::string origin(const PlatformManifest& manifest, std::string_view key) {
  const auto place = manifest.places.find(fmt::format("manifest.{}", key));
  if (place == manifest.places.end()) return "default";
  return fmt::format("{}:{}", manifest.file, place->second.at.line);
}

std::string spoken(std::optional<std::chrono::seconds> time) {
  if (!time) return "never";
  const auto minutes = time->count() / 60;
  const auto parts = [](auto whole, std::string_view unit, auto rest, std::string_view of_rest) {
    return rest == 0 ? fmt::format("{} {}", whole, unit)
                     : fmt::format("{} {} {} {}", whole, unit, rest, of_rest);
  };
  if (minutes >= 48L * 60) return parts(minutes / 1440, "d", minutes / 60 % 24, "h");
  if (minutes >= 60) return parts(minutes / 60, "h", minutes % 60, "min");
  if (minutes > 0) return parts(minutes, "min", time->count() % 60, "s");
  return fmt::format("{} s", time->count());
}

// What an objective comes to: `shares` of events that go bad from one moment on.
struct Promise {
  std::string tier;
  std::string window;
  double factor;
  std::optional<std::chrono::seconds> outage;  // to the alert when everything is bad
  std::optional<std::chrono::seconds> tenth;   // ... when every tenth event is
};

std::vector<Promise> promises(const Objective& objective) {
  std::vector<Promise> out;
  out.reserve(kBurnTiers.size());
  for (const auto& tier : kBurnTiers) {
    out.push_back(
        {.tier = std::string(tier.name),
         .window = fmt::format("{} and {}", spoken(tier.long_window), spoken(tier.short_window)),
         .factor = burn_factor(tier, objective),
         .outage = time_to_detect(tier, 1, objective),
         .tenth = time_to_detect(tier, 0.1, objective)});
  }
  return out;
}

struct RuleCount {
  std::size_t records = 0;
  std::size_t alerts = 0;
};

RuleCount rules_of(const PlatformManifest& manifest) {
  RuleCount count{.alerts = limit_alerts(manifest).size()};
  for (const auto& indicator : indicators_of(manifest)) {
    for (const auto& group : slo_rules(manifest.common(), indicator)) {
      count.records += group.records.size();
      count.alerts += group.alerts.size();
    }
  }
  return count;
}

std::string as_text(const PlatformManifest& manifest) {
  auto out = fmt::format("{} {}\n\n", kind_of(manifest), manifest.common().name);
  std::vector<Row> rows{{"KEY", "VALUE", "FROM", "MEANING"}};
  for (const auto& value : manifest_values(manifest)) {
    rows.push_back({value.key,
                    in_a_cell(shown(value)),
                    origin(manifest, value.key),
                    std::string(value.info->description)});
  }
  out += text_table(rows);
  for (const auto& named : objectives_of(manifest)) {
    const auto& objective = named.objective;
    if (!named.blind.empty()) {
      out += fmt::format("\n{}: {} % over {} days; kept, and blind: {}\n",
                         named.name,
                         format_percent(objective.target_ppm),
                         objective.period.count() / 24,
                         named.blind);
      continue;
    }
    out += fmt::format("\n{}: {} % over {} days; after an outage of {} the budget is gone\n",
                       named.name,
                       format_percent(objective.target_ppm),
                       objective.period.count() / 24,
                       spoken(time_to_exhaustion(1, 1 / objective.budget(), objective)));
    std::vector<Row> tiers{
        {"TIER", "WINDOWS", "TIMES THE BUDGET", "TELLS AN OUTAGE IN", "10 % BAD IN"}};
    for (const auto& promise : promises(objective)) {
      tiers.push_back({promise.tier,
                       promise.window,
                       fmt::format("{:.4g}", promise.factor),
                       spoken(promise.outage),
                       spoken(promise.tenth)});
    }
    out += text_table(tiers);
  }
  const auto count = rules_of(manifest);
  return out + fmt::format(
                   "\ngenerates {0} recording rules, which make {0} series, and {1} alert "
                   "rules\n",
                   count.records,
                   count.alerts);
}

Json seconds_of(std::optional<std::chrono::seconds> time) {
  return time ? Json(time->count()) : Json(nullptr);
}

Json as_json(const PlatformManifest& manifest) {
  Json values = Json::array();
  for (const auto& value : manifest_values(manifest)) {
    values.push_back({{"key", value.key},
                      {"value", shown(value)},
                      {"from", origin(manifest, value.key)},
                      {"description", value.info->description}});
  }
  Json objectives = Json::array();
  for (const auto& named : objectives_of(manifest)) {
    const auto& objective = named.objective;
    Json tiers = Json::array();
    for (const auto& promise : promises(objective)) {
      tiers.push_back({{"tier", promise.tier},
                       {"factor", promise.factor},
                       {"outage_seconds", seconds_of(promise.outage)},
                       {"tenth_bad_seconds", seconds_of(promise.tenth)}});
    }
    objectives.push_back({{"name", named.name},
                          {"blind", named.blind},
                          {"target_percent", format_percent(objective.target_ppm)},
                          {"days", objective.period.count() / 24},
                          {"tiers", std::move(tiers)}});
  }
  const auto count = rules_of(manifest);
  return {{"kind", kind_of(manifest)},
          {"name", manifest.common().name},
          {"values", std::move(values)},
          {"objectives", std::move(objectives)},
          {"recording_rules", count.records},
          {"alert_rules", count.alerts}};
}

}  // namespace

int command_explain(const Invocation& invocation, Program& program) {
  const auto loaded = load_checked_manifests(invocation.arguments);
  program.err << render(loaded.problems, program.err_colour);
  if (has_errors(loaded.problems)) return kUsage;
  if (invocation.value("output", "table") == "json") {
    Json json{{"version", 1}, {"manifests", Json::array()}};
    for (const auto& manifest : loaded.manifests) json["manifests"].push_back(as_json(manifest));
    program.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return kDone;
  }
  std::string_view between;
  for (const auto& manifest : loaded.manifests) {
    program.out << between << as_text(manifest);
    between = "\n";
  }
  return kDone;
}

}  // namespace plumbline
