// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/api.h"

#include <array>

#include <fmt/format.h>

#include "agent/core/log.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormVersion = 1;

std::string dump(const Json& json) {
  // Attribute values are valid UTF-8 already; a mechanism or an error text may not be.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json coverage_of(std::span<const Coverage> signals) {
  Json list = Json::array();
  for (const auto& coverage : signals) {
    list.push_back({{"signal", coverage.signal},
                    {"state", to_string(coverage.state)},
                    {"mechanism", coverage.mechanism},
                    {"reason", coverage.reason}});
  }
  return list;
}

Json collector_of(const Runner& runner, const Clock& clock) {
  const auto& stats = runner.stats();
  const auto took = stats.duration.view();
  Json json{{"name", runner.info().name},
            {"description", runner.info().description},
            {"period_ms", runner.period().count()},
            {"open", stats.opened},
            {"succeeded", stats.succeeded},
            {"failed", stats.failed},
            {"overruns", stats.overruns},
            {"points", stats.points}};
  if (took.count > 0) {
    json["seconds_p50"] = quantile(took, 0.5);
    json["seconds_p99"] = quantile(took, 0.99);
  }
  if (!stats.last_error.empty()) json["last_error"] = stats.last_error;
  if (stats.in_flight_since != Clock::Steady{}) {
    const auto since = clock.steady() - stats.in_flight_since;
    json["in_flight_seconds"] = std::chrono::duration<double>(since).count();
  }
  return json;
}

Json destination_of(const SelfView::Destination& destination, UnixNanos now) {
  Json json{{"name", destination.name},
            {"state",
             !destination.tried ? "new"
             : destination.up   ? "up"
                                : "down"},
            {"requests", destination.requests},
            {"throttled", destination.throttled},
            {"unanswered", destination.unanswered}};
  if (!destination.last_error.empty()) json["last_error"] = destination.last_error;
  if (destination.oldest_queued != 0 && destination.oldest_queued <= now) {
    json["oldest_queued_seconds"] = static_cast<double>(now - destination.oldest_queued) * 1e-9;
  }
  for (std::size_t i = 0; i < kSignals; ++i) {
    const auto& ledger = destination.ledgers[i];
    if (ledger.collected == 0) continue;
    json["ledger"][std::string(to_string(static_cast<Signal>(i)))] = {
        {"collected", ledger.collected},
        {"delivered", ledger.delivered},
        {"rejected", ledger.rejected},
        {"dropped", ledger.dropped},
        {"filtered", ledger.filtered},
        {"queued", ledger.queued()}};
  }
  return json;
}

Json journal_of(const JournalStats& journal) {
  Json json{{"path", journal.path},
            {"commits", journal.commits},
            {"failed_commits", journal.failed_commits},
            {"waiting_bytes", journal.waiting_bytes},
            {"disk_full", journal.disk_full},
            {"evicted_items", journal.evicted_items},
            {"damaged_items", journal.damaged_items},
            {"dropped_seconds", journal.dropped_seconds},
            {"begun_anew", journal.journals_begun}};
  if (journal.bytes) json["bytes"] = *journal.bytes;
  if (!journal.trouble.empty()) json["trouble"] = journal.trouble;
  return json;
}

// How many signals there are in each state, and those that are not as they should be.
Json signals_of(const SelfView& view) {
  std::array<std::uint64_t, 3> counts{};
  Json lacking = Json::array();
  const auto take = [&](std::span<const Coverage> signals) {
    for (const auto& coverage : signals) {
      ++counts.at(static_cast<std::size_t>(coverage.state));
      if (coverage.state == SignalState::kAvailable) continue;
      lacking.push_back(coverage_of({&coverage, 1})[0]);
    }
  };
  for (const auto* runner : view.runners) take(runner->stats().coverage);
  take(view.coverage);
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    json[std::string(to_string(static_cast<SignalState>(i)))] = counts.at(i);
  }
  json["lacking"] = std::move(lacking);
  return json;
}

Json identity_of(const IdentityStatus& identity) {
  Json json{{"source", identity.source},
            {"pods", identity.pods},
            {"containers", identity.containers},
            {"nameless", identity.nameless},
            {"answered", identity.answered},
            {"failed", identity.failed}};
  if (!identity.reason.empty()) json["reason"] = identity.reason;
  return json;
}

Json loudness_of(const Loudness& loud) {
  Json json{{"metric", loud.metric->name},
            {"series", loud.series},
            {"budget", loud.budget},
            {"folded_series", loud.overflow.series},
            {"folded_points", loud.overflow.folded},
            {"dropped_points", loud.overflow.dropped},
            {"exchanged_series", loud.overflow.exchanged},
            {"labels", Json::array()}};
  for (const auto& label : loud.labels) {
    json["labels"].push_back(
        {{"key", label.key}, {"values", label.values}, {"example", label.example}});
  }
  return json;
}

Json value_of(const LatestEntry& entry) {
  const auto& spec = entry.series->spec();
  if (spec.instrument == Instrument::kHistogram) {
    const auto view = entry.histogram->view();
    Json json{{"count", view.count}, {"sum", view.sum}};
    if (view.count > 0) {
      json["p50"] = quantile(view, 0.5);
      json["p90"] = quantile(view, 0.9);
      json["p99"] = quantile(view, 0.99);
    }
    return json;
  }
  if (is_integral(spec.unit)) return entry.value.integer;
  return entry.value.real;
}

}  // namespace

std::string status_json(const SelfView& view,
                        std::string_view agent_version,
                        const Clock& clock,
                        Clock::Steady started) {
  Json json{{"version", kFormVersion},
            {"agent", {{"name", "plumbline"}, {"version", agent_version}}},
            {"time", format_time(clock.wall())},
            {"uptime_seconds", std::chrono::duration<double>(clock.steady() - started).count()},
            {"series", view.series}};
  json["collectors"] = Json::array();
  for (const auto* runner : view.runners)
    json["collectors"].push_back(collector_of(*runner, clock));
  json["destinations"] = Json::array();
  for (const auto& destination : view.destinations) {
    json["destinations"].push_back(destination_of(destination, clock.wall()));
  }
  json["signals"] = signals_of(view);
  if (view.identity) json["identity"] = identity_of(*view.identity);
  if (view.journal != nullptr) json["journal"] = journal_of(*view.journal);
  json["overflow"] = Json::array();
  for (const auto& overflow : view.overflows) {
    json["overflow"].push_back({{"metric", overflow.metric->name},
                                {"points", overflow.points},
                                {"description", overflow.description}});
  }
  json["loudest"] = Json::array();
  for (const auto& loud : view.loudest) json["loudest"].push_back(loudness_of(loud));
  return dump(json);
}

std::string coverage_json(const SelfView& view) {
  Json json{{"version", kFormVersion}, {"signals", Json::array()}};
  for (const auto* runner : view.runners) {
    for (auto& signal : coverage_of(runner->stats().coverage)) {
      json["signals"].push_back(std::move(signal));
    }
  }
  for (auto& signal : coverage_of(view.coverage)) json["signals"].push_back(std::move(signal));
  return dump(json);
}

std::string catalog_json(std::span<const CatalogueEntry> catalogue) {
  Json json{{"version", kFormVersion}, {"metrics", Json::array()}};
  for (const auto& entry : catalogue) {
    for (const auto& spec : entry.metrics) {
      Json attributes = Json::array();
      for (const auto key : spec.attributes) attributes.push_back(key);
      json["metrics"].push_back({{"name", spec.name},
                                 {"prometheus_name", prometheus_name(spec)},
                                 {"instrument", to_string(spec.instrument)},
                                 {"unit", ucum(spec.unit)},
                                 {"attributes", attributes},
                                 {"description", spec.description},
                                 {"source", spec.source},
                                 {"collector", entry.collector}});
    }
  }
  return dump(json);
}

std::string series_json(const Latest& latest, std::string_view prefix, std::size_t limit) {
  Json json{{"version", kFormVersion}, {"truncated", false}, {"series", Json::array()}};
  for (const auto* entry : latest.entries()) {
    const auto& spec = entry->series->spec();
    if (entry->vanished || !spec.name.starts_with(prefix)) continue;
    if (json["series"].size() == limit) {
      json["truncated"] = true;
      break;
    }
    Json attributes = Json::object();
    for (const auto& [key, value] : entry->series->attributes()) {
      attributes[std::string(key)] = value;
    }
    json["series"].push_back({{"metric", spec.name},
                              {"unit", ucum(spec.unit)},
                              {"attributes", attributes},
                              {"time", format_time(entry->time)},
                              {"value", value_of(*entry)}});
  }
  return dump(json);
}

std::string index_html(std::string_view agent_version) {
  return fmt::format(
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>plumbline</title>"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<style>body{{font:16px/1.5 system-ui;margin:2rem;max-width:40rem;color-scheme:light dark}}"
      "</style><h1>plumbline {}</h1><ul>"
      "<li><a href=\"/metrics\">/metrics</a>: Prometheus text"
      "<li><a href=\"/api/v1/status\">/api/v1/status</a>: collectors and destinations"
      "<li><a href=\"/api/v1/coverage\">/api/v1/coverage</a>: what is measured here, and how"
      "<li><a href=\"/api/v1/catalog\">/api/v1/catalog</a>: every metric there is"
      "<li><a href=\"/api/v1/series?prefix=system.cpu\">/api/v1/series?prefix=</a>: newest values"
      "<li><a href=\"/healthz\">/healthz</a>, <a href=\"/readyz\">/readyz</a></ul>",
      agent_version);
}

}  // namespace plumbline
