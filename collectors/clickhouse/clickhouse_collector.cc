// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/clickhouse_collector.h"

#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "agent/config/config.h"
#include "collectors/clickhouse/server.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline::clickhouse {
namespace {

namespace asio = boost::asio;

class ClickHouse final : public Collector {
 public:
  explicit ClickHouse(const CollectorContext& context) : context_(context), trust_(context.log) {}

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    servers_.clear();
    for (const auto& config : context_.config.clickhouse) {
      auto url = parse_url(config.url);
      if (!url) return std::move(url).error();
      servers_.push_back(std::make_unique<Server>(config, *std::move(url), context_, trust_));
    }
    // The first look, so that coverage tells what the servers are; its points come with the next.
    look(context_.clock.steady() + kInfo.period, first_);
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady deadline, Batch& out) override {
    out.move_records(first_);
    look(deadline, out);
    return {};
  }

 private:
  // Runs all servers side by side on this thread until the last of them is done; each keeps to the
  // deadline itself.
  void look(Clock::Steady deadline, Batch& out) {
    io_.restart();
    std::vector<Batch> batches(servers_.size());
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      asio::co_spawn(
          io_, servers_[i]->collect(deadline, batches[i]), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
          });
    }
    io_.run();
    for (auto& batch : batches) {
      append(batch, out);
      out.move_records(batch);
    }
    set_coverage();
  }

  // With several servers a signal is as good as on the worst of them, as long as one has it.
  void set_coverage() {
    const auto checks = all_checks();
    coverage_.clear();
    std::vector<std::vector<Server::Finding>> findings;
    findings.reserve(servers_.size());
    for (const auto& server : servers_) findings.push_back(server->findings());
    for (std::size_t i = 0; i < checks.size(); ++i) {
      Coverage coverage{.signal = checks[i]->signal};
      bool any = false;
      bool all = true;
      for (std::size_t n = 0; n < servers_.size(); ++n) {
        const auto& finding = findings[n][i];
        any = any || finding.state != SignalState::kUnavailable;
        all = all && finding.state == SignalState::kAvailable;
        if (!finding.reason.empty() && coverage.reason.empty()) {
          coverage.reason = servers_.size() == 1
                                ? finding.reason
                                : fmt::format("{}: {}", servers_[n]->name(), finding.reason);
        }
      }
      coverage.state = all   ? SignalState::kAvailable
                       : any ? SignalState::kDegraded
                             : SignalState::kUnavailable;
      if (any) coverage.mechanism = fmt::format("system.{}", checks[i]->table);
      coverage_.push_back(std::move(coverage));
    }
  }

  CollectorContext context_;
  TrustSets trust_;
  asio::io_context io_{1};  // outlives the connections that the servers keep on it
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<Coverage> coverage_;
  Batch first_;  // of the first look: its spans and events are told with the next
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<ClickHouse>(context);
}

bool has_targets(const Config& config) {
  return !config.clickhouse.empty();
}

bool is_concerned(const Config& before, const Config& after) {
  return before.clickhouse != after.clickhouse;
}

}  // namespace plumbline::clickhouse
