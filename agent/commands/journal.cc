// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "agent/commands/journal_place.h"
#include "agent/commands/progress.h"
#include "agent/commands/time_point.h"
#include "agent/core/version.h"
#include "agent/journal/bundle.h"
#include "agent/journal/vacuum.h"
#include "agent/journal/verify.h"
#include "exporters/stdout/quantity.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

bool wants_json(const Invocation& invocation) {
  return invocation.value("output", "table") == "json";
}

void print(Program& program, const Json& json) {
  program.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string readable_bytes(std::uint64_t bytes) {
  return quantity(static_cast<double>(bytes), "By");
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

Json json_of(const Verdict& verdict, const std::string& path) {
  Json json{{"version", 1},
            {"path", path},
            {"good", verdict.is_good()},
            {"batches", verdict.batches},
            {"damaged_batches", verdict.damaged},
            {"damaged_items", verdict.damaged_items},
            {"structure", verdict.structure},
            {"damaged", Json::array()}};
  for (const auto& batch : verdict.named) {
    json["damaged"].push_back({{"sequence", batch.head.sequence},
                               {"stream", to_string(batch.head.stream)},
                               {"signal", to_string(batch.head.signal)},
                               {"chain", batch.head.chain},
                               {"items", batch.head.items},
                               {"first", format_exact_time(batch.head.first)},
                               {"last", format_exact_time(batch.head.last)},
                               {"why", to_string(batch.damage)}});
  }
  return json;
}

std::string text_of(const Verdict& verdict, const std::string& path) {
  if (verdict.is_good()) return fmt::format("{}: good; {} batches\n", path, verdict.batches);
  std::string text;
  for (const auto& finding : verdict.structure) text += fmt::format("structure: {}\n", finding);
  for (const auto& batch : verdict.named) {
    text += fmt::format("batch {} ({} {}, {} items, {} to {}, chain {}): {}\n",
                        batch.head.sequence,
                        to_string(batch.head.stream),
                        to_string(batch.head.signal),
                        batch.head.items,
                        format_exact_time(batch.head.first),
                        format_exact_time(batch.head.last),
                        batch.head.chain,
                        to_string(batch.damage));
  }
  if (verdict.damaged > verdict.named.size()) {
    text += fmt::format("... and {} more\n", verdict.damaged - verdict.named.size());
  }
  return text + fmt::format("{}: {} of {} batches are damaged, with {} items{}\n",
                            path,
                            verdict.damaged,
                            verdict.batches,
                            verdict.damaged_items,
                            verdict.structure.empty() ? "" : "; so is the structure of the file");
}

}  // namespace

int command_journal_verify(const Invocation& invocation, Program& program) {
  const auto path = journal_path(invocation, program);
  if (!path) return fail(program, path.error().what, kUsage);
  // Damage that open_journal() names is a finding here like any other.
  const auto opened = open_journal(*path);
  if (!opened && opened.error().code != Errc::kMalformed) {
    return fail(program, opened.error().what, kFailed);
  }
  auto verdict = verify_journal(*path, [](std::uint64_t) {});
  if (!verdict) return fail(program, verdict.error().what, kFailed);
  if (const auto trouble = trouble_of_file(*path); !trouble.empty()) {
    verdict->structure.insert(verdict->structure.begin(), trouble);
  }
  if (wants_json(invocation)) {
    print(program, json_of(*verdict, *path));
  } else {
    program.out << text_of(*verdict, *path);
  }
  return verdict->is_good() ? kDone : kFindings;
}

int command_journal_export(const Invocation& invocation, Program& program) {
  const SystemClock clock;
  const auto range = selection(invocation, clock.wall());
  if (!range) return fail(program, range.error().what, kUsage);
  if (!invocation.has("bundle")) {
    return fail(program, "say what file to write, with --bundle FILE", kUsage);
  }
  const auto path = journal_path(invocation, program);
  if (!path) return fail(program, path.error().what, kUsage);
  auto reader = open_journal(*path);
  if (!reader) return fail(program, reader.error().what, kFailed);

  BundleOptions options{.path = invocation.value("bundle"),
                        .signals = signals_of(invocation),
                        .selection = *range,
                        .made_by = {.program = fmt::format("plumbline {}", version()),
                                    .host = host_name(),
                                    .made = clock.wall()}};
  if (invocation.has("stream")) options.streams = {stream_named(invocation.value("stream"))};
  ProgressLine line(program, clock, "export", "items", 0);
  options.progress = [&line](std::uint64_t done, std::uint64_t total) {
    line.set_total(total);
    line.show(done);
  };
  const auto manifest = write_bundle(**reader, options);
  line.end();
  if (!manifest) return fail(program, manifest.error().what, kFailed);
  if (manifest->is_empty() && manifest->damaged == 0) {
    const auto stream = stream_named(invocation.value("stream"));
    return fail(program, nothing_in_range(**reader, stream, *range), kFailed);
  }
  std::uint64_t items = 0;
  std::uint64_t batches = 0;
  for (const auto& size : manifest->streams) {
    items += size.items;
    batches += size.batches;
  }
  const auto bytes = bytes_of_file(options.path);
  if (wants_json(invocation)) {
    print(program,
          {{"version", 1},
           {"bundle", options.path},
           {"bytes", bytes},
           {"batches", batches},
           {"items", items},
           {"events", manifest->events},
           {"damaged_batches", manifest->damaged}});
  } else {
    program.out << fmt::format("{}: {}, {} items in {} batches, {} events\n",
                               options.path,
                               readable_bytes(bytes),
                               items,
                               batches,
                               manifest->events);
  }
  if (manifest->damaged == 0) return kDone;
  return fail(
      program, fmt::format("{} damaged batches were left out", manifest->damaged), kPartialData);
}

int command_journal_vacuum(const Invocation& invocation, Program& program) {
  const SystemClock clock;
  const auto path = journal_path(invocation, program);
  if (!path) return fail(program, path.error().what, kUsage);
  // For its errors; it is closed before the file is opened for writing.
  if (const auto opened = open_journal(*path); !opened) {
    return fail(program, opened.error().what, kFailed);
  }
  ProgressLine line(program, clock, "vacuum", "bytes", 0);
  const auto done = vacuum_journal(*path, [&line](std::uint64_t given, std::uint64_t total) {
    line.set_total(total);
    line.show(given);
  });
  line.end();
  if (!done) return fail(program, done.error().what, kFailed);
  const auto given = done->before - std::min(done->before, done->after);
  if (wants_json(invocation)) {
    print(program,
          {{"version", 1},
           {"path", *path},
           {"bytes_before", done->before},
           {"bytes", done->after},
           {"free_bytes", done->free}});
  } else {
    program.out << fmt::format("{}: {} given back, {} left, of which {} are free\n",
                               *path,
                               readable_bytes(given),
                               readable_bytes(done->after),
                               readable_bytes(done->free));
  }
  return kDone;
}

}  // namespace plumbline
