// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/journal_place.h"
#include "agent/commands/progress.h"
#include "agent/commands/table.h"
#include "agent/commands/time_point.h"
#include "agent/journal/budget.h"
#include "agent/journal/bundle.h"
#include "agent/journal/inspect.h"
#include "exporters/stdout/quantity.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

// Both forms of the answer are made from this.
struct Contents {
  std::string path;
  FileSize size;
  std::vector<StreamSize> streams;
  std::vector<CursorLag> cursors;
  std::vector<EventCount> events;
  std::optional<JournalBudget> budget;
  std::optional<Manifest> manifest;
};

Result<Contents> look(JournalReader& reader, const std::string& path) {
  Contents contents{.path = path};
  const auto take = [](auto result, auto& into) -> Result<> {
    if (!result) return std::move(result).error();
    into = std::move(*result);
    return {};
  };
  TRY(take(file_size(reader, path), contents.size));
  TRY(take(stream_sizes(reader.database()), contents.streams));
  TRY(take(cursor_lags(reader), contents.cursors));
  TRY(take(event_counts(reader), contents.events));
  TRY(take(budget_of(reader.database()), contents.budget));
  TRY(take(manifest_of(reader), contents.manifest));
  return contents;
}

double per_item(std::uint64_t bytes, std::uint64_t items) {
  return static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(items, 1));
}

std::string readable_bytes(std::uint64_t bytes) {
  return quantity(static_cast<double>(bytes), "By");
}

std::string readable_age(UnixNanos time, UnixNanos now) {
  if (time == 0) return "-";
  return rough_duration(std::chrono::seconds(now > time ? (now - time) / 1'000'000'000 : 0));
}

std::string readable(std::chrono::seconds time) {
  return rough_duration(time);
}

std::string head(const Contents& contents) {
  auto text = fmt::format("{}: {}, and a log of {}; {} are free\n",
                          contents.path,
                          readable_bytes(contents.size.file),
                          readable_bytes(contents.size.log),
                          readable_bytes(contents.size.free));
  if (contents.budget) {
    const auto& budget = *contents.budget;
    text +=
        fmt::format("budgets: {}; 1s for {}, 10s for {}, undelivered for {}, delivered for {}\n",
                    readable_bytes(budget.max_bytes),
                    readable(budget.second),
                    readable(budget.tenth),
                    readable(budget.undelivered),
                    readable(budget.delivered));
  }
  if (!contents.manifest) return text;
  const auto& manifest = *contents.manifest;
  text += fmt::format("a bundle made by {} on {} at {}: {}{}{}\n",
                      manifest.program,
                      manifest.host,
                      format_exact_time(manifest.made),
                      describe_range({.from = manifest.from, .to = manifest.to}),
                      manifest.metrics.empty() ? "" : ", metrics ",
                      fmt::join(manifest.metrics, ", "));
  if (manifest.damaged != 0) {
    text += fmt::format("{} damaged batches were left out of it\n", manifest.damaged);
  }
  return text;
}

std::string streams_table(const Contents& contents) {
  std::vector<Row> rows{
      {"STREAM", "SIGNAL", "BATCHES", "ITEMS", "BYTES", "BYTES/ITEM", "AS OTLP", "FIRST", "LAST"}};
  for (const auto& size : contents.streams) {
    rows.push_back({std::string(to_string(size.stream)),
                    std::string(to_string(size.signal)),
                    fmt::to_string(size.batches),
                    fmt::to_string(size.items),
                    readable_bytes(size.bytes),
                    fmt::format("{:.2f}", per_item(size.bytes, size.items)),
                    readable_bytes(size.raw_bytes),
                    format_time(size.first),
                    format_time(size.last)});
  }
  return rows.size() == 1 ? std::string("\nit holds no batches\n") : "\n" + text_table(rows);
}

Row cursor_row(const CursorLag& lag, std::size_t signal, UnixNanos now) {
  const auto& ledger = lag.cursor.ledgers.at(signal);
  std::string dropped = fmt::to_string(ledger.dropped);
  for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
    const auto items = lag.cursor.dropped.at(signal).at(reason);
    if (items != 0) dropped += fmt::format(" {}={}", to_string(DropReason(reason)), items);
  }
  return {lag.cursor.name,
          std::string(to_string(static_cast<Signal>(signal))),
          fmt::to_string(ledger.collected),
          fmt::to_string(ledger.delivered),
          fmt::to_string(ledger.rejected),
          std::move(dropped),
          fmt::to_string(ledger.filtered),
          fmt::to_string(ledger.queued()),
          readable_age(ledger.queued() == 0 ? 0 : lag.oldest, now)};
}

std::string cursors_table(const Contents& contents, UnixNanos now) {
  std::vector<Row> rows{{"DESTINATION",
                         "SIGNAL",
                         "COLLECTED",
                         "DELIVERED",
                         "REJECTED",
                         "DROPPED",
                         "FILTERED",
                         "QUEUED",
                         "OLDEST"}};
  for (const auto& lag : contents.cursors) {
    for (std::size_t signal = 0; signal < kSignals; ++signal) {
      // A destination of metrics alone needs no lines of zeros for the rest.
      if (signal != 0 && lag.cursor.ledgers.at(signal).collected == 0) continue;
      rows.push_back(cursor_row(lag, signal, now));
    }
  }
  return rows.size() == 1 ? std::string() : "\n" + text_table(rows);
}

std::string events_table(const Contents& contents) {
  std::vector<Row> rows{{"EVENT", "COUNT", "FIRST", "LAST"}};
  for (const auto& count : contents.events) {
    rows.push_back({count.kind,
                    fmt::to_string(count.events),
                    format_time(count.first),
                    format_time(count.last)});
  }
  return rows.size() == 1 ? std::string() : "\n" + text_table(rows);
}

Json json_of(const StreamSize& size) {
  return {{"stream", to_string(size.stream)},
          {"signal", to_string(size.signal)},
          {"batches", size.batches},
          {"items", size.items},
          {"bytes", size.bytes},
          {"bytes_per_item", per_item(size.bytes, size.items)},
          {"raw_bytes", size.raw_bytes},
          {"first", format_exact_time(size.first)},
          {"last", format_exact_time(size.last)}};
}

Json json_of(const CursorLag& lag, UnixNanos now) {
  Json json{{"name", lag.cursor.name},
            {"next_sequence", lag.cursor.next},
            {"queued_batches", lag.batches},
            {"lag_seconds", nullptr}};
  if (lag.oldest != 0) {
    json["lag_seconds"] = static_cast<double>(now - std::min(now, lag.oldest)) / 1e9;
  }
  for (std::size_t signal = 0; signal < kSignals; ++signal) {
    const auto& ledger = lag.cursor.ledgers.at(signal);
    auto& told = json["ledger"][std::string(to_string(static_cast<Signal>(signal)))];
    told = {{"collected", ledger.collected},
            {"delivered", ledger.delivered},
            {"rejected", ledger.rejected},
            {"dropped", ledger.dropped},
            {"filtered", ledger.filtered},
            {"queued", ledger.queued()}};
    for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
      told["dropped_by_reason"][std::string(to_string(static_cast<DropReason>(reason)))] =
          lag.cursor.dropped.at(signal).at(reason);
    }
  }
  return json;
}

Json json_of(const JournalBudget& budget) {
  return {{"max_bytes", budget.max_bytes},
          {"1s_seconds", budget.second.count()},
          {"10s_seconds", budget.tenth.count()},
          {"undelivered_seconds", budget.undelivered.count()},
          {"delivered_seconds", budget.delivered.count()}};
}

Json json_of(const Manifest& manifest) {
  return {{"program", manifest.program},
          {"host", manifest.host},
          {"made", format_exact_time(manifest.made)},
          {"journal", manifest.journal},
          {"from", format_exact_time(manifest.from)},
          {"to", format_exact_time(manifest.to)},
          {"metrics", manifest.metrics},
          {"events", manifest.events},
          {"damaged_batches", manifest.damaged}};
}

std::string as_json(const Contents& contents, UnixNanos now) {
  Json json{{"version", 1},
            {"path", contents.path},
            {"bytes", contents.size.file},
            {"log_bytes", contents.size.log},
            {"free_bytes", contents.size.free},
            {"budget", contents.budget ? json_of(*contents.budget) : Json(nullptr)},
            {"bundle", contents.manifest ? json_of(*contents.manifest) : Json(nullptr)},
            {"streams", Json::array()},
            {"destinations", Json::array()},
            {"events", Json::array()}};
  for (const auto& size : contents.streams) json["streams"].push_back(json_of(size));
  for (const auto& lag : contents.cursors) json["destinations"].push_back(json_of(lag, now));
  for (const auto& count : contents.events) {
    json["events"].push_back({{"kind", count.kind},
                              {"count", count.events},
                              {"first", format_exact_time(count.first)},
                              {"last", format_exact_time(count.last)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int command_journal_stats(const Invocation& invocation, Program& program) {
  const auto path = journal_path(invocation, program);
  if (!path) return fail(program, path.error().what, kUsage);
  auto reader = open_journal(*path);
  if (!reader) return fail(program, reader.error().what, kFailed);
  const auto contents = look(**reader, *path);
  if (!contents) {
    return fail(program,
                fmt::format("cannot read the journal {}: {}; `plumbline journal verify` says more",
                            *path,
                            contents.error().what),
                kFailed);
  }
  const auto now = SystemClock().wall();
  program.out << (invocation.value("output", "table") == "json"
                      ? as_json(*contents, now)
                      : head(*contents) + streams_table(*contents) + cursors_table(*contents, now) +
                            events_table(*contents));
  return kDone;
}

}  // namespace plumbline
