// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/server.h"
#include "agent/identity/cgroups.h"
#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"
#include "agent/pipeline/limit.h"
#include "agent/runtime/attribution.h"
#include "agent/runtime/clock_watch.h"
#include "agent/runtime/destinations.h"
#include "agent/runtime/lanes.h"
#include "agent/runtime/manifest_watch.h"
#include "agent/runtime/runner.h"
#include "agent/runtime/self_metrics.h"
#include "agent/runtime/storage.h"
#include "exporters/prometheus/snapshot_collectable.h"

namespace plumbline {

// The agent: every part, in the order in which data flows through them, so that destruction drains
// backwards. Lives on the agent thread (the one that runs `io`).
class Agent {
 public:
  // Reads the configuration again; called on SIGHUP.
  using Reload = std::function<Result<Config>()>;

  Agent(boost::asio::io_context& io,
        const Clock& clock,
        Log& log,
        Config config,
        Storage storage,
        Reload reload);

  // Where the manifests are that start() and each reload read; none when it is not called.
  void watch_manifests(std::string folder) { manifest_folder_ = std::move(folder); }

  // Binds the address, starts collectors, destinations and signal handling. Errors: kUnavailable
  // (the port is taken), kMalformed (an address or a destination that makes no sense).
  Result<> start();

  // SIGTERM, SIGINT: stops ticks, lets what is in flight end, exports once more, gives the
  // destinations `shutdown_timeout`, then stops the io_context. The second call stops at once.
  void stop();

  // False when a collector was still blocked at the end: its thread cannot be joined.
  bool clean() const { return clean_; }
  std::string address() const { return server_.address(); }

 private:
  struct Running {
    std::unique_ptr<Runner> runner;
    std::shared_ptr<const Config> config;  // the one its collector refers to
  };

  void start_collectors();
  void start_collector(std::size_t registry_index);
  void add_routes();
  void deliver(const CollectorInfo& info, Batch& batch);
  void export_now();
  void number_export();
  void tell_unclaimed() const;
  void look_at_clock();
  bool ready() const;
  SelfView view() const;

  boost::asio::awaitable<void> measure_self();
  boost::asio::awaitable<void> export_loop();
  boost::asio::awaitable<void> record_loop();
  boost::asio::awaitable<void> handle_signals();
  boost::asio::awaitable<void> shut_down();
  boost::asio::awaitable<void> reload();
  boost::asio::awaitable<Result<>> apply(std::shared_ptr<const Config> next);
  boost::asio::awaitable<void> restart_collectors(const Config& before);

  boost::asio::io_context& io_;
  const Clock& clock_;
  Log& log_;
  Reload reload_config_;
  std::shared_ptr<const Config> config_;
  Clock::Steady started_;

  CgroupIndex cgroups_;  // kernel lane
  Lanes lanes_;
  std::vector<Running> runners_;  // in the order of the registry, stopped ones until they are idle
  SelfMetrics self_metrics_;
  Batch self_batch_;
  SeriesTable export_series_;
  Batch export_batch_;
  std::uint64_t exports_ = 0;  // kept in the journal
  Batch identity_batch_;
  ClockWatch clock_watch_;
  std::string manifest_folder_;
  ManifestWatch manifests_;
  Batch manifest_batch_;

  SeriesLimit limit_;
  Latest latest_;
  Resource resource_;
  MetricsEncoder encoder_;
  Storage storage_;
  Attribution attribution_;
  Destinations destinations_;
  SnapshotCollectable prometheus_;
  HttpServer server_;

  boost::asio::steady_timer self_timer_;
  boost::asio::steady_timer export_timer_;
  boost::asio::steady_timer record_timer_;
  std::uint64_t reloads_succeeded_ = 0;
  std::uint64_t reloads_failed_ = 0;
  bool stopping_ = false;
  bool clean_ = true;
};

}  // namespace plumbline
