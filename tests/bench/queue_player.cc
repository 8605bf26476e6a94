// SPDX-License-Identifier: Apache-2.0
// Plays an agent's recorded exports, for tests/bench/compare/queue: into a journal with a delivery
// loop behind it, as in the agent, or straight to a receiver.
//
// usage: queue_player RECORDED COUNT ENDPOINT [JOURNAL]
//   RECORDED  a journal whose exports are played, again from the start when they are at their end
//   ENDPOINT  the receiver
//   JOURNAL   made anew: what the receiver does not take waits there
//
// Says "ready", waits for a line, plays, says "taken POINTS BYTES", and delivers until standard
// input ends.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "agent/journal/journal.h"
#include "agent/journal/queue_reader.h"
#include "agent/pipeline/delivery.h"
#include "exporters/otlp/otlp.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;

using Records = std::vector<std::shared_ptr<const LogRecord>>;

constexpr std::uint64_t kPartBytes = 16U << 20U;

template <typename T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}

Records recorded(const std::string& path) {
  auto reader = value_of(QueueReader::open(path));
  Records records;
  const auto end = std::uint64_t{1} << 40U;
  for (std::uint64_t from = 1; from < end;) {
    auto part = value_of(reader->read(from, end, kPartBytes));
    if (part.records.empty()) break;
    for (auto& record : part.records) {
      if (record->signal == Signal::kMetrics) records.push_back(std::move(record));
    }
    from = part.until;
  }
  if (records.empty()) throw std::runtime_error(path + " has no exports");
  return records;
}

// What the two ways share.
class Player {
 public:
  Player(Records records, OtlpConfig config) : records_(std::move(records)) {
    config.name = "sink";
    exporter_ = value_of(make_otlp_exporter(
        config, {.clock = clock_, .log = log_, .trust = trust_, .version = "bench"}));
  }

  void play(std::uint64_t count, const std::string& journal) {
    if (!journal.empty()) open(journal);
    std::cout << "ready" << std::endl;
    std::string line;
    std::getline(std::cin, line);
    std::uint64_t points = 0;
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto& record = *records_[i % records_.size()];
      points += record.items;
      bytes += record.bytes.size();
      if (journal_) {
        append(record);
      } else {
        send(record);
      }
    }
    std::cout << "taken " << points << ' ' << bytes << std::endl;
    deliver_until_input_ends();
  }

 private:
  void open(const std::string& path) {
    Journal::Options options;
    options.file.path = path;
    journal_ = value_of(Journal::open(options, io_.get_executor(), clock_, log_));
    delivery_.emplace(
        io_.get_executor(), clock_, log_, *journal_, std::move(exporter_), DeliveryOptions{});
    asio::co_spawn(io_, delivery_->run(), asio::detached);
  }

  // Each in a commit of its own, as in the agent.
  void append(const LogRecord& record) {
    journal_->append(record.signal, record.time, record.items, record.bytes);
    while (journal_->stats().waiting_bytes != 0) io_.run_one();
  }

  void send(const LogRecord& record) {
    std::optional<SendOutcome> outcome;
    const Payload payload{.signal = record.signal, .bytes = record.bytes, .items = record.items};
    asio::co_spawn(io_,
                   exporter_->send(payload, std::chrono::seconds(30)),
                   [&outcome](const std::exception_ptr&, SendOutcome sent) { outcome = sent; });
    io_.restart();
    while (!outcome) io_.run_one();
    if (outcome->kind != SendOutcome::Kind::kAccepted) throw std::runtime_error(outcome->reason);
  }

  void deliver_until_input_ends() {
    asio::posix::stream_descriptor input(io_, ::dup(STDIN_FILENO));
    bool ended = false;
    input.async_wait(asio::posix::stream_descriptor::wait_read,
                     [&ended](const boost::system::error_code&) { ended = true; });
    io_.restart();
    while (!ended) io_.run_one();
  }

  Records records_;
  SystemClock clock_;
  Log log_{clock_, STDERR_FILENO, LogFormat::kText, LogLevel::kInfo};
  TrustSets trust_{log_};
  asio::io_context io_{1};
  std::unique_ptr<Exporter> exporter_;
  std::unique_ptr<Journal> journal_;
  std::optional<Delivery> delivery_;
};

int run(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: queue_player RECORDED COUNT ENDPOINT [JOURNAL]\n";
    return 2;
  }
  OtlpConfig config;
  config.endpoint = argv[3];
  // To measure what the queue behind it costs, not what unpacking costs.
  if (argc == 4) config.compression = Compression::kNone;
  Player player(recorded(argv[1]), config);
  player.play(std::strtoull(argv[2], nullptr, 10), argc > 4 ? argv[4] : "");
  std::cout.flush();
  // Neither the journal nor the delivery is of any use after this.
  ::_exit(0);
}

}  // namespace
}  // namespace plumbline

int main(int argc, char** argv) {
  try {
    return plumbline::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "queue_player: " << error.what() << '\n';
    return 1;
  }
}
