// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/journal_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/commands/time_point.h"
#include "agent/journal/place.h"
#include "agent/journal/range_reader.h"

namespace plumbline {
namespace {

constexpr UnixNanos kForever = ~UnixNanos{0} >> 1U;

// The file format of SQLite, version 3: sqlite.org/fileformat2.html.
constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

Result<std::string> journal_path(const Invocation& invocation, const Program& program) {
  const auto named = invocation.value("journal");
  if (!named.empty()) return named;
  const auto loaded = read_config(load_options(invocation, program));
  if (has_errors(loaded.problems)) {
    return Error{.code = Errc::kMalformed,
                 .what =
                     "the configuration has errors (`plumbline check` shows them), so it is "
                     "not known where the journal is; name it with --journal FILE"};
  }
  if (!loaded.config.state_dir.empty()) return journal_path_in(loaded.config.state_dir);
  const auto place = default_state_dir(::geteuid(), program.environment);
  if (!place) return place.error();
  return journal_path_in(*place);
}

std::string trouble_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode)) return "it is a directory";
  std::array<char, kHeaderBytes> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view header(bytes.data(), static_cast<std::size_t>(file.gcount()));
  if (header.empty()) return "it is empty";
  if (!header.starts_with(kMagic.substr(0, header.size()))) return "it is no journal";
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (header.size() < kHeaderBytes) return fmt::format("it is cut short after {} bytes", size);
  const auto page = big_endian(header.substr(16, 2));
  const auto whole = (page == 1 ? 65'536 : page) * big_endian(header.substr(28, 4));
  // With a log beside it, pages may be there that are not in the file yet.
  if (size < whole && ::access((path + "-wal").c_str(), F_OK) != 0) {
    return fmt::format("it is cut short: {} of {} bytes are there", size, whole);
  }
  return {};
}

Result<std::unique_ptr<JournalReader>> open_journal(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return Error{.code = Errc::kUnsupported,
                 .what = fmt::format("there is no journal {}; name one with --journal FILE, or "
                                     "where the agent keeps its state with --state-dir DIR",
                                     path)};
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return errno_error(errno, fmt::format("cannot read the journal {}", path));
  }
  auto reader = JournalReader::open(path);
  const auto trouble = trouble_of_file(path);
  if (reader && trouble.empty()) return reader;
  if (trouble.empty()) return std::move(reader).error();
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("cannot read the journal {}: {}", path, trouble)};
}

Result<Selection> selection(const Invocation& invocation, UnixNanos now) {
  Selection selection{.metrics = invocation.values("metric")};
  for (const auto& [option, into] :
       {std::pair("from", &selection.from), std::pair("to", &selection.to)}) {
    if (!invocation.has(option)) continue;
    const auto time = parse_time(invocation.value(option), now);
    if (!time) {
      return Error{.code = Errc::kMalformed,
                   .what = fmt::format("--{}: {}", option, time.error().what)};
    }
    *into = *time;
  }
  if (selection.from >= selection.to) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("--from ({}) is not before --to ({})",
                                     format_exact_time(selection.from),
                                     format_exact_time(selection.to))};
  }
  if (selection.from > now) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("--from is in the future: {}, and it is {}",
                                     format_exact_time(selection.from),
                                     format_exact_time(now))};
  }
  return selection;
}

std::string describe_range(const Selection& selection) {
  std::string text = selection.from == 0 ? std::string("from the beginning")
                                         : "from " + format_exact_time(selection.from);
  text += selection.to == kForever ? std::string(" to the end")
                                   : " to " + format_exact_time(selection.to);
  return text;
}

Stream stream_named(std::string_view name) {
  for (const auto stream : {Stream::kSecond, Stream::kTenth}) {
    if (name == to_string(stream)) return stream;
  }
  return Stream::kExport;
}

Result<Stream> stream_of(const Invocation& invocation,
                         JournalReader& reader,
                         const Selection& selection,
                         Prefer prefer) {
  if (invocation.has("stream")) return stream_named(invocation.value("stream"));
  const auto order = prefer == Prefer::kSent
                         ? std::array{Stream::kExport, Stream::kSecond, Stream::kTenth}
                         : std::array{Stream::kSecond, Stream::kTenth, Stream::kExport};
  for (const auto stream : order) {
    for (const auto signal : signals_of(invocation)) {
      const auto extent =
          RangeReader(reader, {.stream = stream, .signal = signal, .selection = selection})
              .extent();
      if (!extent) return extent.error();
      if (extent->batches != 0) return stream;
    }
  }
  return order.front();
}

std::string coverage_note(JournalReader& reader, Stream stream, const Selection& selection) {
  // Exports are further apart than seconds are.
  constexpr UnixNanos kSlack = 60ULL * 1'000'000'000;
  const auto begin = [&](Stream of) -> UnixNanos {
    const auto extent =
        reader.extent({.stream = of, .from = selection.from, .to = selection.to - 1});
    return extent && extent->batches != 0 ? extent->first : kForever;
  };
  const auto here = begin(stream);
  for (const auto other : {Stream::kExport, Stream::kSecond, Stream::kTenth}) {
    const auto there = begin(other);
    if (here == kForever || there >= here - std::min(here, kSlack)) continue;
    return fmt::format("the {} record begins at {}; --stream {} goes back to {}",
                       to_string(stream),
                       format_exact_time(here),
                       to_string(other),
                       format_exact_time(there));
  }
  return {};
}

std::string nothing_in_range(JournalReader& reader, Stream stream, const Selection& selection) {
  auto text = fmt::format("the journal holds nothing {}", describe_range(selection));
  if (!selection.metrics.empty()) {
    text += fmt::format(" of metrics named {}", fmt::join(selection.metrics, " or "));
  }
  const auto extent = reader.extent({.stream = stream});
  if (!extent || extent->batches == 0) {
    return text + fmt::format("; its {} record is empty", to_string(stream));
  }
  return text + fmt::format("; its {} record goes from {} to {}",
                            to_string(stream),
                            format_exact_time(extent->first),
                            format_exact_time(extent->last));
}

void note(Program& program, std::string_view text) {
  if (!text.empty()) program.err << "plumbline: " << text << '\n';
}

std::uint64_t bytes_of_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::vector<Signal> signals_of(const Invocation& invocation) {
  std::vector<Signal> signals;
  for (const auto signal : {Signal::kMetrics, Signal::kTraces, Signal::kLogs}) {
    if (!invocation.has("signal") || invocation.value("signal") == to_string(signal)) {
      signals.push_back(signal);
    }
  }
  return signals;
}

}  // namespace plumbline
