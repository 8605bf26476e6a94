// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/journal/inspect.h"
#include "agent/journal/range_reader.h"

namespace plumbline {

// What a bundle says of itself.
struct Manifest {
  std::string program;  // "plumbline 0.1.0", that made it
  std::string host;     // where
  UnixNanos made = 0;
  std::string journal;  // the id of the journal it was made from
  UnixNanos from = 0;   // what was asked for; `to` is not included
  UnixNanos to = 0;
  std::vector<std::string> metrics;  // patterns; empty: all
  std::vector<StreamSize> streams;   // what it holds
  std::uint64_t events = 0;
  std::uint64_t damaged = 0;  // batches of the range that could not be read and are not in it

  bool is_empty() const { return streams.empty() && events == 0; }
};

struct BundleOptions {
  std::string path;
  std::vector<Stream> streams;  // empty: all
  std::vector<Signal> signals;  // empty: all
  Selection selection;
  // `program`, `host` and `made`.
  Manifest made_by;
  // After each part, with the items gone through so far and those there are.
  std::function<void(std::uint64_t, std::uint64_t)> progress = [](auto, auto) {};
};

// Writes what a journal holds of a range, the events of that time and the state to one file, itself
// a readable journal that needs neither its log nor a directory that can be written. The agent goes
// on meanwhile. The file has its name only when it is whole; one that exists is never touched.
// A range that holds nothing makes no file.
Result<Manifest> write_bundle(JournalReader& journal, const BundleOptions& options);

// nullopt: the journal is no bundle.
Result<std::optional<Manifest>> manifest_of(JournalReader& journal);

}  // namespace plumbline
