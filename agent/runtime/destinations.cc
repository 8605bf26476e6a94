// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/destinations.h"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "exporters/kafka/kafka.h"
#include "exporters/otlp/otlp.h"
#include "exporters/stdout/stdout_exporter.h"

namespace plumbline {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPoll{5};
// A delivery ends itself at the deadline and says what it lost; only one that does not is named
// here.
constexpr milliseconds kGrace{500};

FilterRules rules_of(const FilterConfig& filter) {
  FilterRules rules{
      .include = filter.include, .exclude = filter.exclude, .resource = filter.resource};
  for (std::size_t i = 0; i < kSignals && !filter.signals.empty(); ++i) {
    const auto name = to_string(static_cast<Signal>(i));
    rules.signals[i] = std::ranges::find(filter.signals, name) != filter.signals.end();
  }
  return rules;
}

void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

Destinations::Destinations(asio::any_io_executor executor,
                           const Clock& clock,
                           Log& log,
                           RecordQueue& queue,
                           std::string version)
    : executor_(std::move(executor)),
      clock_(clock),
      log_(log),
      queue_(queue),
      version_(std::move(version)),
      trust_(log) {}

Destinations::~Destinations() = default;

Result<> Destinations::apply(const Config& config) {
  std::vector<Key> wanted;
  wanted.reserve(config.otlp.size() + 1);
  for (const auto& otlp : config.otlp) wanted.emplace_back(otlp);
  for (const auto& kafka : config.kafka) wanted.emplace_back(kafka);
  if (config.stdout_format != StdoutFormat::kOff) wanted.emplace_back(config.stdout_format);

  std::vector<Destination> added;
  for (const auto& key : wanted) {
    const auto same = [&](const Destination& destination) { return destination.key == key; };
    if (std::any_of(running_.begin(), running_.end(), same)) continue;
    auto made = make(key);
    if (!made) return made.error();
    added.push_back(std::move(made).value());
  }
  const auto unwanted = [&](const Destination& destination) {
    return std::find(wanted.begin(), wanted.end(), destination.key) == wanted.end();
  };
  const auto gone = std::stable_partition(running_.begin(), running_.end(), std::not_fn(unwanted));
  std::move(gone, running_.end(), std::back_inserter(removed_));
  running_.erase(gone, running_.end());
  for (auto& destination : added) {
    asio::co_spawn(executor_, destination.delivery->run(), rethrow);
    running_.push_back(std::move(destination));
  }
  return {};
}

Result<Destinations::Destination> Destinations::make(const Key& key) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  DeliveryOptions options{
      .random = [] { return std::uniform_real_distribution<double>(0, 1)(random); }};
  std::unique_ptr<Exporter> exporter;
  if (const auto* otlp = std::get_if<OtlpConfig>(&key)) {
    auto made = make_otlp_exporter(
        *otlp, {.clock = clock_, .log = log_, .trust = trust_, .version = version_});
    if (!made) return made.error();
    exporter = std::move(made).value();
    options.timeout = otlp->timeout;
    options.max_request_bytes = otlp->max_request_bytes;
    options.filter = rules_of(otlp->filter);
  } else if (const auto* kafka = std::get_if<KafkaConfig>(&key)) {
    auto made = make_kafka_exporter(*kafka, log_);
    if (!made) return made.error();
    exporter = std::move(made).value();
    options.timeout = kafka->timeout;
    options.max_request_bytes = max_request_bytes(*kafka);
    options.filter = rules_of(kafka->filter);
  } else {
    exporter = make_stdout_exporter(std::get<StdoutFormat>(key));
  }
  return Destination{.key = key,
                     .delivery = std::make_unique<Delivery>(
                         executor_, clock_, log_, queue_, std::move(exporter), std::move(options))};
}

asio::awaitable<void> Destinations::stop_removed(milliseconds timeout) {
  co_await stop(removed_, timeout, Delivery::Leaving::kForGood);
  std::erase_if(removed_, [](const auto& destination) { return destination.delivery->finished(); });
}

asio::awaitable<void> Destinations::stop_all(milliseconds timeout) {
  std::move(running_.begin(), running_.end(), std::back_inserter(removed_));
  running_.clear();
  co_await stop(removed_, timeout, Delivery::Leaving::kForNow);
}

asio::awaitable<void> Destinations::stop(const std::vector<Destination>& stopping,
                                         milliseconds timeout,
                                         Delivery::Leaving leaving) {
  const auto deadline = clock_.steady() + timeout;
  for (const auto& destination : stopping) destination.delivery->stop(deadline, leaving);
  asio::steady_timer poll(executor_);
  const auto finished = [](const auto& destination) { return destination.delivery->finished(); };
  while (!std::all_of(stopping.begin(), stopping.end(), finished) &&
         clock_.steady() < deadline + kGrace) {
    poll.expires_after(kPoll);
    co_await poll.async_wait(asio::use_awaitable);
  }
  for (const auto& destination : stopping) {
    if (finished(destination)) continue;
    log_.warning("delivery",
                 "{}: no answer in time; {} points may not have been delivered",
                 destination.delivery->name(),
                 destination.delivery->queued());
  }
}

bool Destinations::finished() const {
  return std::all_of(removed_.begin(), removed_.end(), [](const auto& destination) {
    return destination.delivery->finished();
  });
}

std::vector<SelfView::Destination> Destinations::describe() const {
  std::vector<SelfView::Destination> views;
  for (const auto& [key, delivery] : running_) {
    const auto& status = delivery->status();
    SelfView::Destination view{.name = delivery->name(),
                               .up = status.up,
                               .tried = status.tried,
                               .requests = status.requests,
                               .throttled = status.throttled,
                               .unanswered = status.unanswered,
                               .oldest_queued = delivery->oldest_queued(),
                               .last_error = status.last_error,
                               .request_bytes = status.request_bytes,
                               .sent_bytes = status.sent_bytes};
    for (std::size_t i = 0; i < kSignals; ++i) {
      view.ledgers[i] = delivery->ledger(static_cast<Signal>(i));
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace plumbline
