// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include <fmt/format.h>

#include "agent/commands/journal_csv.h"
#include "agent/commands/journal_place.h"
#include "agent/journal/range_reader.h"
#include "agent/pipeline/otlp_json.h"

namespace plumbline {
namespace {

enum class Form : std::uint8_t { kOtlpJson, kCsv };

struct Dumped {
  std::uint64_t items = 0;
  std::uint64_t damaged = 0;  // batches
};

// False: the batch has a checksum that holds and is no OTLP request all the same.
bool write(const RangeBatch& batch, Form form, std::ostream& out) {
  if (form == Form::kCsv) {
    std::string lines;
    const bool good = append_csv(batch.request, lines).has_value();
    out << lines;
    return good;
  }
  const auto line = otlp_to_json(batch.head.signal, batch.request);
  if (line) out << *line << '\n';
  return line.has_value();
}

Result<> dump(RangeReader& reader, Form form, std::ostream& out, Dumped& dumped) {
  while (out) {
    const auto part = reader.next();
    if (!part) return part.error();
    if (part->empty()) return {};
    for (const auto& batch : *part) {
      const bool good = batch.damage == Damage::kNone;
      if (good && batch.selected.items == 0) continue;
      if (good && write(batch, form, out)) {
        dumped.items += batch.selected.items;
      } else {
        ++dumped.damaged;
      }
    }
  }
  return {};
}

}  // namespace

int command_journal_dump(const Invocation& invocation, Program& program) {
  const auto range = selection(invocation, SystemClock().wall());
  if (!range) return fail(program, range.error().what, kUsage);
  const auto form = invocation.value("output") == "csv" ? Form::kCsv : Form::kOtlpJson;
  auto signals = signals_of(invocation);
  if (form == Form::kCsv) {
    if (signals.front() != Signal::kMetrics) {
      return fail(program, "CSV has a line for each data point: only of metrics", kUsage);
    }
    signals = {Signal::kMetrics};
  }
  const auto path = journal_path(invocation, program);
  if (!path) return fail(program, path.error().what, kUsage);
  auto reader = open_journal(*path);
  if (!reader) return fail(program, reader.error().what, kFailed);
  const auto stream = stream_of(invocation, **reader, *range, Prefer::kFinest);
  if (!stream) return fail(program, stream.error().what, kFailed);
  note(program, coverage_note(**reader, *stream, *range));

  if (form == Form::kCsv) program.out << csv_head();
  Dumped dumped;
  for (const auto signal : signals) {
    RangeReader batches(**reader, {.stream = *stream, .signal = signal, .selection = *range});
    if (const auto done = dump(batches, form, program.out, dumped); !done) {
      return fail(program, done.error().what, kPartialData);
    }
  }
  if (dumped.damaged != 0) {
    return fail(
        program, fmt::format("{} damaged batches were left out", dumped.damaged), kPartialData);
  }
  if (dumped.items == 0) {
    return fail(program, nothing_in_range(**reader, *stream, *range), kFailed);
  }
  return kDone;
}

}  // namespace plumbline
