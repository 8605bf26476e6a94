// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/clickhouse/client.h"
#include "collectors/clickhouse/emit.h"
#include "collectors/clickhouse/facts.h"
#include "collectors/clickhouse/failures.h"
#include "collectors/clickhouse/forecast.h"
#include "collectors/clickhouse/log_counts.h"
#include "collectors/clickhouse/record_log.h"
#include "collectors/clickhouse/state_file.h"
#include "collectors/clickhouse/traces.h"
#include "collectors/collector.h"

namespace plumbline::clickhouse {

// One server, looked at with a bounded share of its time: each check has its period, and after a
// check that took T the next look at it comes no sooner than kRest * T. A server that does not
// answer, or says that it is full, is left alone for longer each time.
class Server {
 public:
  static constexpr int kRest = 20;  // no check takes more than 5 % of one of the server's threads
  static constexpr std::chrono::minutes kMaxBackOff{5};
  static constexpr std::chrono::seconds kRelearn{60};  // log tables appear with their first row

  Server(const ClickHouseConfig& config,
         Url url,
         const CollectorContext& context,
         TrustSets& trust);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;
  ~Server();

  // Makes the checks that are due and adds everything that holds, and the spans and events that are
  // new since the last call. Never fails: a server that does
  // not answer has the metric plumbline.clickhouse.up at 0, and one line in the log.
  boost::asio::awaitable<void> collect(Clock::Steady deadline, Batch& out);

  // Of one check, in the order of all_checks().
  struct Finding {
    SignalState state = SignalState::kUnavailable;
    std::string reason;
  };
  std::vector<Finding> findings() const;
  std::string name() const { return client_.name(); }

 private:
  struct Scheduled {
    const Check* check;
    Plan plan;
    std::unique_ptr<LogCounts> log;      // of a check of Shape::kLog
    std::unique_ptr<RecordLog> records;  // of one of Shape::kRecords
    Clock::Steady due{};
    std::string error;  // of the last try; empty: it went well
    unsigned failures = 0;
    Batch points;         // of the last try
    bool is_cut = false;  // the last answer was as long as it may be
    double seconds = 0;
    std::uint64_t rows = 0;
    bool tells_rows = false;
    std::uint64_t failed = 0;
    std::uint64_t failure_texts = 0;
    std::uint64_t unreadable = 0;  // records
  };

  boost::asio::awaitable<bool> look(Clock::Steady deadline);
  boost::asio::awaitable<Result<>> prepare(Deadline deadline);
  boost::asio::awaitable<Result<>> run(Scheduled& item, Deadline deadline);
  Result<> take_rows(Scheduled& item, const Table& answer);
  Result<> take_log(Scheduled& item, const Table& answer);
  Result<> take_records(Scheduled& item, const Table& answer);
  void take_record(Scheduled& item, const Record& record);
  void save_places();
  Place place_of(std::string_view host);
  void take_value(Scheduled& item,
                  const Attributes& attributes,
                  const MetricSpec& metric,
                  double value);
  void take_failure(Scheduled& item,
                    const Attributes& attributes,
                    std::string_view text,
                    std::uint64_t count);
  // Why a check is not made; empty: it is.
  std::string_view off(const Check& check) const;
  void note(Scheduled& item, const Result<>& result, std::chrono::nanoseconds took);
  void back_off(const Error& error);
  void make_plans();
  const Scheduled* scheduled(const Check& check) const;
  static Finding finding(const Scheduled& item);
  std::int64_t server_now() const;
  void add_all(Batch& out);
  void add_own(Batch& out);

  const Clock& clock_;
  Log& log_;
  ClickHouseConfig config_;
  Source source_;
  Speaker speaker_;
  Client client_;
  SeriesTable series_;
  UnixNanos started_;
  StateFile state_;
  StateFile::Texts places_;  // how far each check of records has read
  Failures failures_;
  PartsForecast forecast_;
  Batch records_;  // spans and events that were not given yet
  std::map<std::string, EntityRef, std::less<>> entities_;  // by host

  std::optional<Facts> facts_;
  Clock::Steady learned_{};
  std::string version_;  // also while the server is away
  UnixNanos server_start_ = 0;
  std::vector<Scheduled> items_;
  Clock::Steady retry_at_{};
  unsigned in_a_row_ = 0;  // failures of the server as a whole
  std::string error_;      // the last of them; empty: it answers
};

}  // namespace plumbline::clickhouse
