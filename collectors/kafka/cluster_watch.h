// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/tls.h"
#include "agent/http/watched.h"
#include "collectors/kafka/cluster_client.h"
#include "collectors/kafka/cluster_series.h"
#include "collectors/kafka/health.h"
#include "collectors/kafka/lag/lag_model.h"

namespace plumbline::kafka {

// One cluster of the configuration, looked at again and again. Nothing of it touches another one.
class ClusterWatch {
 public:
  static Result<std::unique_ptr<ClusterWatch>> make(const KafkaClusterConfig& config,
                                                    TrustSets& trust,
                                                    const Clock& clock,
                                                    Log& log);

  // One look; what came of it is told by the functions below.
  boost::asio::awaitable<void> look();
  void report(Batch& out);
  // What is wrong, each as a sentence; empty when everything was answered.
  const std::vector<std::string>& problems() const { return problems_; }
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
               NameFilter topics,
               NameFilter groups,
               TrustSets& trust,
               const Clock& clock,
               Log& log);

  Result<ClusterAccess> access();
  boost::asio::awaitable<void> ask_for_times(Deadline deadline);
  boost::asio::awaitable<void> look_at_health(Deadline deadline);
  void tell_events();
  void tell_verdicts();
  void note(const Error& error);

  KafkaClusterConfig config_;
  const Clock& clock_;
  Log& log_;
  std::shared_ptr<Watched<TlsContext>> tls_;      // null: without TLS
  std::unique_ptr<Watched<std::string>> secret_;  // null: none is needed
  ClusterClient client_;
  ClusterSeries series_;
  LagModel model_;
  Health health_;
  Clock::Steady next_disks_{};
  Clock::Steady next_settings_{};
  std::size_t settled_topics_ = 0;           // how many there were when settings were read
  std::optional<Snapshot> snapshot_;         // of the last look; nothing when it failed
  std::map<std::string, Verdict> verdicts_;  // by group, as told last
  std::vector<std::string> problems_;
  std::string last_failure_;
  double took_ = 0;
  unsigned round_ = 0;
};

}  // namespace plumbline::kafka
