// SPDX-License-Identifier: Apache-2.0
// Writes a journal as the agent does, for tests that read it from other processes: a second of the
// flight recorder for every second of a made-up clock, an export every ten, one destination that
// has taken the first half, and two events. What it wrote stands beside the journal as OTLP JSON,
// made before the journal saw it: PATH.1s.jsonl and PATH.export.jsonl.
//
// usage: journal_writer PATH SECONDS SERIES [live]
//   live: goes on, twenty seconds a second, until standard input ends; then tells on standard
//   output how many commits there were, and how many failed.
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include <boost/asio/io_context.hpp>

#include "agent/journal/journal.h"
#include "agent/pipeline/otlp_json.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/journal/samples.h"

namespace plumbline {
namespace {

using samples::kSecondNanos;
using samples::kStart;

constexpr std::uint64_t kExportEvery = 10;
constexpr std::chrono::milliseconds kLivePause{50};

class Writer {
 public:
  Writer(const std::string& path, std::uint64_t series)
      : path_(path),
        series_(series),
        seconds_(path + ".1s.jsonl"),
        exports_(path + ".export.jsonl") {}

  Result<> open() {
    Journal::Options options;
    options.file.path = path_;
    auto journal = Journal::open(options, io_.get_executor(), clock_, log_);
    if (!journal) return std::move(journal).error();
    journal_ = std::move(*journal);
    cursor_ = journal_->add_cursor("otlp:backend:4317", {});
    journal_->add_event(
        {.time = kStart, .kind = "config_change", .subject = "agent", .body = "{}"});
    journal_->add_event(
        {.time = kStart + 30 * kSecondNanos, .kind = "oom_kill", .subject = "pod/a", .body = "{}"});
    return {};
  }

  void write_second() {
    const auto request = samples::node_second(second_, series_);
    const auto time = kStart + second_ * kSecondNanos;
    note(seconds_, request);
    journal_->record(time, series_, request);
    if (second_ % kExportEvery == kExportEvery - 1) {
      // Histograms too, and a point that is older than the request, as of a slow collector.
      const auto exported =
          request + samples::request({{.metric = "test.histogram",
                                       .host = "a",
                                       .time = time,
                                       .value = static_cast<double>(second_ + 1),
                                       .start = kStart},
                                      {.metric = "test.gauge",
                                       .host = "slow, \"quoted\" ünicode",
                                       .time = time - 7 * kSecondNanos,
                                       .value = 0.1 * static_cast<double>(second_)}});
      note(exports_, exported);
      journal_->append(Signal::kMetrics, time, series_ + 2, exported);
    }
    ++second_;
    clock_.advance(std::chrono::seconds(1));
    settle();
  }

  // The destination takes half of what is queued.
  void deliver_half() {
    const auto half = journal_->ledger(cursor_, Signal::kMetrics).queued() / 2;
    while (journal_->ledger(cursor_, Signal::kMetrics).queued() > half) {
      std::uint64_t items = 0;
      for (const auto& record : journal_->take(cursor_, 1)) items += record->items;
      if (items != 0) journal_->finish(cursor_, {.delivered = items});
      settle();
    }
  }

  void live() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN};
    while (::poll(&input, 1, static_cast<int>(kLivePause.count())) == 0) write_second();
  }

  bool close() { return journal_->close(); }
  const JournalStats& stats() const { return journal_->stats(); }

 private:
  static void note(std::ofstream& file, const std::string& request) {
    file << otlp_to_json(Signal::kMetrics, request).value() << '\n';
  }

  // Every second in a commit of its own, as in the agent.
  void settle() {
    do {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
      io_.poll();
    } while (journal_->stats().waiting_bytes != 0 && journal_->stats().trouble.empty());
  }

  std::string path_;
  std::uint64_t series_;
  std::ofstream seconds_;
  std::ofstream exports_;
  ManualClock clock_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kInfo};
  boost::asio::io_context io_{1};
  std::unique_ptr<Journal> journal_;
  Journal::CursorId cursor_ = 0;
  std::uint64_t second_ = 0;
};

int run(int argc, char** argv) {
  if (argc < 4) return 2;
  Writer writer(argv[1], std::strtoull(argv[3], nullptr, 10));
  if (const auto opened = writer.open(); !opened) {
    std::cerr << opened.error().what << '\n';
    return 1;
  }
  const auto seconds = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t second = 0; second < seconds; ++second) writer.write_second();
  writer.deliver_half();
  if (argc > 4) {
    std::cout << "live" << std::endl;
    writer.live();
  }
  const bool closed = writer.close();
  std::cout << writer.stats().commits << ' ' << writer.stats().failed_commits << std::endl;
  return closed ? 0 : 1;
}

}  // namespace
}  // namespace plumbline

int main(int argc, char** argv) {
  return plumbline::run(argc, argv);
}
