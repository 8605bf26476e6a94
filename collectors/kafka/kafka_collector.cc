// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/kafka_collector.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/config.h"
#include "agent/http/tls.h"
#include "collectors/kafka/cluster_watch.h"
#include "collectors/kafka/kafka_info.h"
#include "collectors/kafka/run_all.h"

namespace plumbline::kafka {
namespace {

constexpr std::size_t kSentences = 5;  // of a coverage reason

class Kafka final : public Collector {
 public:
  explicit Kafka(const CollectorContext& context)
      : config_(context.config), clock_(context.clock), log_(context.log), trust_(context.log) {}

  ~Kafka() override { watches_.clear(); }

  const CollectorInfo& info() const noexcept override { return kInfo; }

  Result<> open() override {
    watches_.clear();
    // More than the pipeline lets through would be cut there, whoever is worst. One of a metric's
    // series is the one that stands for those cut.
    const auto room = std::max<std::size_t>(config_.limits.series_per_metric, 1) - 1;
    const auto series_per_metric = room / std::max<std::size_t>(config_.kafka_clusters.size(), 1);
    for (const auto& cluster : config_.kafka_clusters) {
      auto watch = ClusterWatch::make(cluster, series_per_metric, pace(), trust_, clock_, log_);
      if (!watch) return watch.error();
      watches_.push_back(*std::move(watch));
    }
    look_at_all();
    return {};
  }

  // Without a cluster there is nothing to cover, and nothing is missing.
  std::span<const Coverage> coverage() const override {
    return std::span(coverage_).first(watches_.empty() ? 0 : coverage_.size());
  }

  // Each cluster keeps to its own timeout, not to this deadline: a look that was cut off would tell
  // less than one that comes late.
  Result<> collect(Clock::Steady /*deadline*/, Batch& out) override {
    if (watches_.empty()) return {};
    look_at_all();
    for (const auto& watch : watches_) watch->report(out);
    return {};
  }

 private:
  std::chrono::milliseconds pace() const {
    const auto section = config_.collectors.find(std::string(kInfo.name));
    const bool is_set = section != config_.collectors.end() && section->second.period.count() > 0;
    return is_set ? section->second.period : kInfo.period;
  }

  void look_at_all() {
    if (watches_.empty()) return;
    std::vector<boost::asio::awaitable<void>> looks;
    looks.reserve(watches_.size());
    for (const auto& watch : watches_) looks.push_back(watch->look());
    boost::asio::co_spawn(io_, run_all(std::move(looks)), [this](const std::exception_ptr&) {
      io_.stop();  // connections go on waiting
    });
    io_.restart();
    io_.run();
    std::vector<std::string> problems;
    std::size_t up = 0;
    for (const auto& watch : watches_) {
      up += watch->is_up() ? 1 : 0;
      problems.insert(problems.end(), watch->problems().begin(), watch->problems().end());
    }
    const auto shown = std::min(problems.size(), kSentences);
    auto reason = fmt::format(
        "{}",
        fmt::join(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(shown), "; "));
    if (problems.size() > shown) {
      reason += fmt::format("; and {} more", problems.size() - shown);
    }
    set_coverage(up == 0            ? SignalState::kUnavailable
                 : problems.empty() ? SignalState::kAvailable
                                    : SignalState::kDegraded,
                 std::move(reason));
    cover_markers();
  }

  // What tells the markers of transactions from records needs a right of its own.
  void cover_markers() {
    std::string reason;
    for (const auto& watch : watches_) {
      const auto& topics = watch->unreadable_topics();
      if (topics.empty()) continue;
      if (!reason.empty()) reason += "; ";
      reason += fmt::format(
          "{}: the agent's user needs READ on topic {}", watch->name(), *topics.begin());
      if (topics.size() > 1) reason += fmt::format(" and {} more", topics.size() - 1);
    }
    coverage_[1] = {.signal = "kafka.transaction_markers",
                    .state = reason.empty() ? SignalState::kAvailable : SignalState::kDegraded,
                    .mechanism = "Fetch",
                    .reason = reason.empty() ? ""
                                             : reason +
                                                   ": where a group has read all but the ends of "
                                                   "transactions, they count as its lag"};
  }

  void set_coverage(SignalState state, std::string reason) {
    coverage_[0] = {.signal = "kafka.clusters",
                    .state = state,
                    .mechanism = state == SignalState::kUnavailable ? "" : "Kafka protocol",
                    .reason = std::move(reason)};
  }

  const Config& config_;
  const Clock& clock_;
  Log& log_;
  TrustSets trust_;
  boost::asio::io_context io_{1};
  std::vector<std::unique_ptr<ClusterWatch>> watches_;  // their connections live in io_
  std::array<Coverage, 2> coverage_{
      {{.signal = "kafka.clusters"}, {.signal = "kafka.transaction_markers"}}};
};

}  // namespace

std::unique_ptr<Collector> make(const CollectorContext& context) {
  return std::make_unique<Kafka>(context);
}

bool is_concerned(const Config& before, const Config& after) {
  return before.kafka_clusters != after.kafka_clusters;
}

}  // namespace plumbline::kafka
