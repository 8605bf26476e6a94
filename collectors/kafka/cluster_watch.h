// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/tls.h"
#include "agent/http/watched.h"
#include "collectors/kafka/canary/canary.h"
#include "collectors/kafka/cluster_client.h"
#include "collectors/kafka/cluster_series.h"
#include "collectors/kafka/division/division.h"
#include "collectors/kafka/group_totals.h"
#include "collectors/kafka/health.h"
#include "collectors/kafka/lag/dead_letters.h"
#include "collectors/kafka/lag/lag_model.h"
#include "collectors/kafka/markers.h"

namespace plumbline::kafka {

// One cluster of the configuration, looked at again and again. Nothing of it touches another one.
class ClusterWatch {
 public:
  // `series_per_metric`: how many series of one metric the pipeline lets through. `pace`: how often
  // there is a look.
  static Result<std::unique_ptr<ClusterWatch>> make(const KafkaClusterConfig& config,
                                                    std::size_t series_per_metric,
                                                    std::chrono::milliseconds pace,
                                                    TrustSets& trust,
                                                    const Clock& clock,
                                                    Log& log);

  // One look; what came of it is told by the functions below.
  boost::asio::awaitable<void> look();
  void report(Batch& out);
  // What is wrong, each as a sentence; empty when everything was answered.
  const std::vector<std::string>& problems() const { return problems_; }
  // Topics where markers of transactions cannot be told from records.
  const std::set<std::string>& unreadable_topics() const { return markers_.denied(); }
  bool is_up() const { return snapshot_.has_value(); }
  const std::string& name() const { return config_.name; }
  void close() { client_.close(); }

 private:
  // Questions for times go on, a round after the other, while there is time: a bracket is halved by
  // every second one at least.
  static constexpr unsigned kRounds = 8;
  // Brokers walk through their files to tell sizes, and settings hardly change.
  static constexpr std::chrono::seconds kDiskPeriod{60};
  static constexpr std::chrono::seconds kSettingsPeriod{300};

  ClusterWatch(const KafkaClusterConfig& config,
               std::size_t series_per_metric,
               std::chrono::milliseconds pace,
               NameFilter topics,
               NameFilter groups,
               TrustSets& trust,
               const Clock& clock,
               Log& log);

  Result<ClusterAccess> access();
  boost::asio::awaitable<void> fly_canary(const std::string& secret, Deadline deadline);
  boost::asio::awaitable<void> divide(const std::string& secret, Deadline deadline);
  boost::asio::awaitable<void> ask_for_times(Deadline deadline);
  boost::asio::awaitable<void> date_dead_letters(Deadline deadline);
  boost::asio::awaitable<void> look_at_health(Deadline deadline);
  boost::asio::awaitable<void> keep_refusals(std::vector<Refusal>& kept,
                                             boost::asio::awaitable<void> reading);
  void tell_events();
  void tell_verdicts();
  void date_transactions();
  void tell_transactions();
  void note(const Error& error);

  KafkaClusterConfig config_;
  const Clock& clock_;
  Log& log_;
  std::shared_ptr<Watched<TlsContext>> tls_;      // null: without TLS
  std::unique_ptr<Watched<std::string>> secret_;  // null: none is needed
  std::optional<Division> division_;
  std::unique_ptr<Canary> canary_;               // null: none is wanted
  std::optional<Canary::Ground> canary_ground_;  // of the last look that saw it
  ClusterClient client_;
  ClusterSeries series_;
  LagModel model_;
  GroupTotals totals_;  // of the model's rows
  DeadLetters dead_letters_;
  Markers markers_;
  Health health_;
  Clock::Steady next_disks_{};
  Clock::Steady next_settings_{};
  std::vector<Refusal> disk_refusals_;
  std::vector<Refusal> setting_refusals_;
  bool had_cluster_ = false;          // the share of the last look had what is said of the whole
  std::size_t settled_topics_ = 0;    // how many there were when settings were read
  std::optional<Snapshot> snapshot_;  // of the last look; nothing when it failed
  std::map<std::string, Verdict> verdicts_;  // by group, as told last
  std::set<std::string> hanging_;            // transactions, as told last
  // Since when one is seen of which no coordinator told, Unix ms; by topic, partition, producer and
  // first offset.
  std::map<std::tuple<std::string, std::int32_t, std::int64_t, std::int64_t>, std::int64_t>
      open_since_;
  std::vector<std::string> problems_;
  std::string last_failure_;
  double took_ = 0;
  unsigned round_ = 0;
};

}  // namespace plumbline::kafka
