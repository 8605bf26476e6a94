// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ostream>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "agent/commands/journal_place.h"
#include "agent/commands/progress.h"
#include "agent/commands/replay_sender.h"
#include "agent/commands/time_point.h"
#include "agent/config/quantity.h"
#include "agent/core/version.h"
#include "exporters/otlp/otlp.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;
using End = ReplaySender::End;
using std::chrono::milliseconds;

// What was asked for.
struct Wishes {
  std::string journal;
  OtlpConfig target;
  Selection selection;
  std::vector<Signal> signals;
  double speed = 0;
  milliseconds patience{std::chrono::minutes(5)};
};

// What became of it.
struct Replayed {
  std::string target;
  Stream stream = Stream::kExport;
  Ledger ledger;              // items
  std::uint64_t damaged = 0;  // batches left out
  double seconds = 0;
  End end = End::kNone;
  UnixNanos resume = 0;  // when it ended early: where to go on
  std::string last_error;

  bool is_nothing() const { return ledger.collected == 0 && damaged == 0 && end == End::kNone; }
};

// The options that stand for a key of the destination.
constexpr std::array<std::pair<const char*, const char*>, 9> kTargetKeys{
    {{"compression", "compression"},
     {"timeout", "timeout"},
     {"headers-file", "headers_file"},
     {"bearer-token-file", "bearer_token_file"},
     {"ca-file", "ca_file"},
     {"certificate-file", "certificate_file"},
     {"key-file", "key_file"},
     {"server-name", "server_name"},
     {"max-request", "max_request"}}};

// The destination, read as `run` reads one of its configuration. Error: with all that is wrong.
Result<OtlpConfig> target_of(const Invocation& invocation, Program& program) {
  auto options = load_options(invocation, program);
  options.otlp = {invocation.value("target")};
  for (const auto& [option, key] : kTargetKeys) {
    if (!invocation.has(option)) continue;
    options.settings.push_back(
        {fmt::format("--{}", option), fmt::format("otlp.0.{}", key), invocation.value(option)});
  }
  for (const auto& header : invocation.values("header")) {
    const auto end = header.find(':');
    if (end == std::string::npos || end == 0) {
      return Error{.code = Errc::kMalformed,
                   .what = R"(--header expects "NAME: VALUE", such as "x-tenant: blue")"};
    }
    const auto value = header.find_first_not_of(' ', end + 1);
    options.settings.push_back({"--header",
                                fmt::format("otlp.0.headers.{}", header.substr(0, end)),
                                value == std::string::npos ? "" : header.substr(value)});
  }
  auto loaded = read_config(options);
  if (!has_errors(loaded.problems)) return std::move(loaded.config.otlp.front());
  auto text = render(loaded.problems, program.err_colour);
  text.erase(text.find_last_not_of('\n') + 1);
  return Error{.code = Errc::kMalformed, .what = "the destination cannot be used\n" + text};
}

Result<Wishes> wishes_of(const Invocation& invocation, Program& program, UnixNanos now) {
  const auto wrong = [](std::string_view option, const Error& error) {
    return Error{.code = error.code, .what = fmt::format("{}: {}", option, error.what)};
  };
  Wishes wishes{.signals = signals_of(invocation)};
  auto range = selection(invocation, now);
  if (!range) return std::move(range).error();
  wishes.selection = std::move(*range);
  if (!invocation.has("target")) {
    return Error{.code = Errc::kMalformed, .what = "say where to, with --target URL"};
  }
  const auto speed = parse_speed(invocation.value("speed", "max"));
  if (!speed) return wrong("--speed", speed.error());
  wishes.speed = *speed;
  if (invocation.has("give-up-after")) {
    const auto patience = parse_duration(invocation.value("give-up-after"));
    if (!patience) return wrong("--give-up-after", patience.error());
    wishes.patience = milliseconds(*patience);
  }
  auto path = journal_path(invocation, program);
  if (!path) return std::move(path).error();
  wishes.journal = std::move(*path);
  auto target = target_of(invocation, program);
  if (!target) return std::move(target).error();
  wishes.target = std::move(*target);
  return wishes;
}

double random_number() {
  static thread_local std::minstd_rand generator(std::random_device{}());
  return std::uniform_real_distribution(0.0, 1.0)(generator);
}

ReplaySender::Options sender_options(const Wishes& wishes) {
  return {.delivery = {.timeout = wishes.target.timeout,
                       .max_request_bytes = wishes.target.max_request_bytes,
                       .random = random_number},
          .patience = wishes.patience,
          .speed = wishes.speed};
}

RangeReader range(JournalReader& reader, Stream stream, Signal signal, const Wishes& wishes) {
  return {reader, {.stream = stream, .signal = signal, .selection = wishes.selection}};
}

Result<std::uint64_t> items_in_range(JournalReader& reader, Stream stream, const Wishes& wishes) {
  std::uint64_t items = 0;
  for (const auto signal : wishes.signals) {
    const auto some = range(reader, stream, signal, wishes).estimate();
    if (!some) return some.error();
    items += *some;
  }
  return items;
}

// The oldest item of `batches` that would be sent; 0: none.
UnixNanos oldest_of(const std::vector<RangeBatch>& batches, std::size_t from) {
  UnixNanos oldest = 0;
  for (auto i = from; i < batches.size(); ++i) {
    const auto& selected = batches[i].selected;
    if (selected.items == 0) continue;
    oldest = oldest == 0 ? selected.first : std::min(oldest, selected.first);
  }
  return oldest;
}

UnixNanos earlier(UnixNanos a, UnixNanos b) {
  return a == 0 || (b != 0 && b < a) ? b : a;
}

// Sends all batches of one signal. When it ends early, `replayed.resume` is the oldest item among
// those that were read and not sent.
Result<> send_signal(RangeReader& reader, ReplaySender& sender, Replayed& replayed) {
  while (true) {
    auto part = reader.next();
    if (!part) return std::move(part).error();
    if (part->empty()) return {};
    for (std::size_t i = 0; i < part->size(); ++i) {
      auto& batch = (*part)[i];
      if (batch.damage != Damage::kNone) ++replayed.damaged;
      if (batch.selected.items == 0 || sender.send(batch)) continue;
      replayed.resume = earlier(replayed.resume, oldest_of(*part, i));
      return {};
    }
  }
}

Result<> send_all(JournalReader& reader,
                  const Wishes& wishes,
                  ReplaySender& sender,
                  Program& program,
                  Replayed& replayed) {
  const auto total = items_in_range(reader, replayed.stream, wishes);
  if (!total) return total.error();
  const SystemClock clock;
  ProgressLine line(program, clock, "replay", "items", *total);
  sender.on_progress = [&line](std::uint64_t done) { line.show(done); };
  Result<> done;
  for (const auto signal : wishes.signals) {
    auto batches = range(reader, replayed.stream, signal, wishes);
    done = send_signal(batches, sender, replayed);
    if (!done) break;
  }
  sender.finish();
  sender.on_progress = [](std::uint64_t) {};
  line.end();
  replayed.seconds = line.passed().count();
  replayed.end = sender.end();
  replayed.ledger = sender.total();
  replayed.last_error = sender.last_error();
  if (replayed.end == End::kNone) return done;
  replayed.resume = earlier(replayed.resume, sender.oldest_unsent());
  // The end came when all had been read, and the last answer took the rest.
  if (replayed.resume == 0 && done) replayed.end = End::kNone;
  return done;
}

std::string as_json(const Replayed& replayed, const Wishes& wishes) {
  const auto& ledger = replayed.ledger;
  Json json{{"version", 1},
            {"journal", wishes.journal},
            {"target", replayed.target},
            {"stream", to_string(replayed.stream)},
            {"read", ledger.collected},
            {"delivered", ledger.delivered},
            {"rejected", ledger.rejected},
            {"dropped", ledger.dropped},
            {"damaged_batches", replayed.damaged},
            {"seconds", replayed.seconds},
            {"complete", replayed.end == End::kNone},
            {"go_on_from", nullptr}};
  if (replayed.resume != 0) json["go_on_from"] = format_exact_time(replayed.resume);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string as_text(const Replayed& replayed) {
  const auto& ledger = replayed.ledger;
  auto text = fmt::format("{}: {} items of the {} record delivered in {:.1f} s",
                          replayed.target,
                          ledger.delivered,
                          to_string(replayed.stream),
                          replayed.seconds);
  if (ledger.rejected != 0) text += fmt::format(", {} refused", ledger.rejected);
  if (ledger.dropped != 0) text += fmt::format(", {} too large to send", ledger.dropped);
  if (replayed.damaged != 0) text += fmt::format(", {} damaged batches left out", replayed.damaged);
  return text + "\n";
}

// Why it is not all there, and how to go on.
int conclude(const Replayed& replayed, Program& program) {
  const auto go_on = replayed.resume == 0 ? std::string()
                                          : fmt::format("; go on with --from {}",
                                                        format_exact_time(replayed.resume));
  if (replayed.end == End::kInterrupted) return fail(program, "interrupted" + go_on, kFailed);
  if (replayed.end == End::kGaveUp) {
    const auto why = replayed.last_error.empty() ? std::string("no answer") : replayed.last_error;
    return fail(program, fmt::format("gave up on {}: {}{}", replayed.target, why, go_on), kFailed);
  }
  if (replayed.damaged != 0) return kPartialData;
  return replayed.ledger.rejected + replayed.ledger.dropped == 0 ? kDone : kFindings;
}

}  // namespace

int command_replay(const Invocation& invocation, Program& program) {
  const SystemClock clock;
  const auto wishes = wishes_of(invocation, program, clock.wall());
  if (!wishes) return fail(program, wishes.error().what, kUsage);
  auto reader = open_journal(wishes->journal);
  if (!reader) return fail(program, reader.error().what, kFailed);
  const auto stream = stream_of(invocation, **reader, wishes->selection, Prefer::kSent);
  if (!stream) return fail(program, stream.error().what, kFailed);
  note(program, coverage_note(**reader, *stream, wishes->selection));

  std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error code, not the end
  Log log(clock, STDERR_FILENO, LogFormat::kText, LogLevel::kWarning);
  TrustSets trust(log);
  auto exporter = make_otlp_exporter(
      wishes->target,
      {.clock = clock, .log = log, .trust = trust, .version = std::string(version())});
  if (!exporter) return fail(program, exporter.error().what, kUsage);

  Replayed replayed{.target = std::string((*exporter)->name()), .stream = *stream};
  ReplaySender sender(std::move(*exporter), clock, log, sender_options(*wishes));
  const auto sent = send_all(**reader, *wishes, sender, program, replayed);
  if (!sent) return fail(program, sent.error().what, kPartialData);
  if (replayed.is_nothing()) {
    return fail(program, nothing_in_range(**reader, *stream, wishes->selection), kFailed);
  }
  program.out << (invocation.value("output", "table") == "json" ? as_json(replayed, *wishes)
                                                                : as_text(replayed));
  return conclude(replayed, program);
}

}  // namespace plumbline
