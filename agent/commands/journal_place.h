// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/commands/arguments.h"
#include "agent/commands/program.h"
#include "agent/core/result.h"
#include "agent/journal/reader.h"
#include "agent/journal/select.h"

namespace plumbline {

// The journal that a command is about: --journal FILE, else that of the state directory of the
// configuration or of this user. Error: the configuration cannot be used.
Result<std::string> journal_path(const Invocation& invocation, const Program& program);

// Opens it for reading; the agent may be writing it. Errors say what is the matter with the file.
// Not for a process that writes the same file: looking at it drops the locks of SQLite.
Result<std::unique_ptr<JournalReader>> open_journal(const std::string& path);

// What is wrong with a file as a whole ("it is cut short"), from its first bytes; empty: nothing
// that shows there.
std::string trouble_of_file(const std::string& path);

// --from, --to and --metric. `to` is not included. kMalformed: one of the times makes no sense,
// they are the wrong way round, or all of it is in the future.
Result<Selection> selection(const Invocation& invocation, UnixNanos now);

// "from 2026-11-21T14:00:00Z to 2026-11-21T14:10:00Z"
std::string describe_range(const Selection& selection);

// --stream as a stream: "export", "1s", "10s".
Stream stream_named(std::string_view name);

// --stream; without it the first of a few that holds something of the range.
enum class Prefer : std::uint8_t {
  kFinest,  // every second, else every ten, else what was sent
  kSent,    // what was sent, as it was, else the finest
};
Result<Stream> stream_of(const Invocation& invocation,
                         JournalReader& reader,
                         const Selection& selection,
                         Prefer prefer);

// What to say when another record goes further back in the range than `stream`; empty: none does.
std::string coverage_note(JournalReader& reader, Stream stream, const Selection& selection);

// "the journal holds nothing from … to …; its 1s record goes from … to …"
std::string nothing_in_range(JournalReader& reader, Stream stream, const Selection& selection);

// Says `text` on standard error, unless it is empty.
void note(Program& program, std::string_view text);

std::uint64_t bytes_of_file(const std::string& path);

// --signal, or all.
std::vector<Signal> signals_of(const Invocation& invocation);

}  // namespace plumbline
