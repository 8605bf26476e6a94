// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/agent.h"

#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <random>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/config/resource_detect.h"
#include "agent/core/version.h"
#include "agent/runtime/api.h"
#include "agent/runtime/catalogue.h"
#include "agent/runtime/self_signals.h"
#include "collectors/registry.h"

namespace plumbline {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono_literals::operator""s;

namespace {

// Enough for one screen of a person and one answer of the API.
constexpr std::size_t kSeriesPerAnswer = 2'000;
constexpr std::size_t kLoudestPerAnswer = 5;

// How often shutdown looks whether the collectors have ended.
constexpr milliseconds kIdlePoll{10};

// The state of the journal, and the source of points, that count exports.
constexpr const char* kExports = "exports";

// When within a second the flight recorder looks: the collectors tick at its beginning.
constexpr std::chrono::nanoseconds kRecordAt{500'000'000};

// A coroutine that ends by exception is a bug of ours: better a crash with its message than an
// agent that silently lost a part.
void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

// The value of `key` in a query string, percent-decoding not needed for metric names; empty when it
// is not there.
std::string_view query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
      return pair.substr(key.size() + 1);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

CgroupMounts mounts_or_none(Log& log) {
  auto mounts = find_cgroup_mounts("/proc");
  if (mounts) return std::move(mounts).value();
  log.warning("cgroups", "no cgroup has a name: {}", mounts.error().what);
  return {};
}

}  // namespace

Agent::Agent(asio::io_context& io,
             const Clock& clock,
             Log& log,
             Config config,
             Storage storage,
             Reload reload_config)
    : io_(io),
      clock_(clock),
      log_(log),
      reload_config_(std::move(reload_config)),
      config_(std::make_shared<const Config>(std::move(config))),
      started_(clock.steady()),
      cgroups_(mounts_or_none(log), clock, config_->limits.cgroups),
      self_metrics_(clock, log),
      export_series_(clock.wall()),
      manifests_(clock, log),
      limit_(config_->limits, SeriesLimit::rank_period(config_->export_interval)),
      resource_(detect_resource(*config_), version()),
      storage_(std::move(storage)),
      attribution_(io.get_executor(),
                   clock,
                   log,
                   [this](Signal signal, UnixNanos time, std::uint64_t items, std::string bytes) {
                     storage_.queue->append(signal, time, items, std::move(bytes));
                   }),
      destinations_(io.get_executor(), clock, log, *storage_.queue, std::string(version())),
      prometheus_(latest_, resource_, log, &attribution_.owners()),
      server_(io.get_executor()),
      self_timer_(io),
      export_timer_(io),
      record_timer_(io) {}

Result<> Agent::start() {
  add_routes();
  TRY(server_.listen(config_->listen));
  TRY(destinations_.apply(*config_));
  if (storage_.journal != nullptr) {
    tell_unclaimed();
    const auto saved = storage_.journal->state(kExports);
    std::from_chars(saved.data(), saved.data() + saved.size(), exports_);
  }
  attribution_.set_resource(resource_);
  latest_.set_on_new([this](const Series& series) { attribution_.meet(series); });
  TRY(attribution_.apply(config_->identity));
  TRY(manifests_.load(manifest_folder_));
  cgroups_.refresh();  // collectors choose the sizes of their tables by it when they open
  start_collectors();
  asio::co_spawn(io_, measure_self(), rethrow);
  asio::co_spawn(io_, export_loop(), rethrow);
  if (storage_.journal != nullptr) asio::co_spawn(io_, record_loop(), rethrow);
  asio::co_spawn(io_, handle_signals(), rethrow);
  log_.info("agent",
            "plumbline {} serves http://{}/metrics; {} collectors, {} destinations",
            version(),
            server_.address(),
            runners_.size(),
            destinations_.describe().size());
  return {};
}

void Agent::start_collectors() {
  for (std::size_t i = 0; i < collector_registry().size(); ++i) start_collector(i);
}

void Agent::start_collector(std::size_t registry_index) {
  const auto& entry = collector_registry()[registry_index];
  const auto section = config_->collectors.find(std::string(entry.info->name));
  const auto settings = section == config_->collectors.end() ? CollectorConfig{} : section->second;
  if (!settings.enabled || (entry.has_targets != nullptr && !entry.has_targets(*config_))) return;
  const CollectorContext context{.config = *config_,
                                 .clock = clock_,
                                 .log = log_,
                                 .cgroups = cgroups_,
                                 .state = storage_.directory};
  auto runner = std::make_unique<Runner>(
      entry.make(context),
      settings.period,
      clock_,
      log_,
      lanes_.executors(entry.info->lane),
      Runner::Sink{
          .deliver = [this](const auto& info, Batch& batch) { deliver(info, batch); },
          .fail = [this](const auto& info) { latest_.mark_unknown(info.name, clock_.wall()); }});
  asio::co_spawn(io_, runner->run(), rethrow);
  runners_.push_back({.runner = std::move(runner), .config = config_});
}

void Agent::deliver(const CollectorInfo& info, Batch& batch) {
  // It was begun before the clock was set back.
  batch.time = std::min(batch.time, clock_.wall());
  manifests_.see(info.name, batch);
  for (const auto* metric : limit_.apply(info.name, batch)) {
    log_.warning("limit", "{}", limit_.describe(*metric));
  }
  latest_.update(info.name, batch);
  attribution_.send_records(batch);
}

void Agent::export_now() {
  if (destinations_.empty()) {
    latest_.drop_vanished();
    return;
  }
  number_export();
  std::string request;
  const auto points = attribution_.encode(latest_, encoder_, request);
  latest_.drop_vanished();
  if (points == 0) return;
  storage_.queue->append(Signal::kMetrics, clock_.wall(), points, std::move(request));
}

// In the journal the number is written together with the export that bears it.
void Agent::number_export() {
  ++exports_;
  if (storage_.journal != nullptr) storage_.journal->set_state(kExports, std::to_string(exports_));
  export_batch_.clear();
  export_batch_.time = clock_.wall();
  export_batch_.add(export_series_.get(self::kExportNumber), static_cast<double>(exports_));
  latest_.update(kExports, export_batch_);
}

void Agent::tell_unclaimed() const {
  for (const auto& cursor : storage_.journal->unclaimed()) {
    const auto items = cursor.queued();
    if (items == 0) continue;
    log_.warning("journal",
                 "{} items wait for {}, which is not configured; they stay until they are too old",
                 items,
                 cursor.name);
  }
}

asio::awaitable<void> Agent::measure_self() {
  bool trimmed = false;
  while (!stopping_) {
    // Loading BPF programs takes megabytes for a moment, the kernel's types in each thread; glibc
    // would keep them.
    if (!trimmed && ready()) {
      ::malloc_trim(0);
      trimmed = true;
    }
    look_at_clock();
    self_batch_.clear();
    self_batch_.time = clock_.wall();
    self_metrics_.collect(view(), self_batch_);
    deliver(SelfMetrics::info(), self_batch_);
    identity_batch_.clear();
    identity_batch_.time = clock_.wall();
    attribution_.collect(identity_batch_);
    deliver(Attribution::info(), identity_batch_);
    manifest_batch_.clear();
    manifest_batch_.time = clock_.wall();
    manifests_.collect(manifest_batch_);
    deliver(ManifestWatch::info(), manifest_batch_);
    boost::system::error_code cancelled;
    self_timer_.expires_after(SelfMetrics::info().period);
    co_await self_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

// What is known of the series moves with the clock, so that no interval turns negative and no
// series stands still until the clock is where it was.
void Agent::look_at_clock() {
  const auto jump = clock_watch_.look(clock_.wall(), clock_.steady(), boot_time(clock_));
  if (!jump) return;
  if (jump->set.count() != 0) latest_.clock_was_set(jump->set, clock_.wall());
  if (jump->worth_a_line) log_.warning("clock", "{}", describe(*jump));
}

// The first export comes at a random point of the interval, so that a fleet that was started at
// once does not send at once.
asio::awaitable<void> Agent::export_loop() {
  std::random_device random;
  const auto first = std::uniform_int_distribution<std::int64_t>(
      std::min<std::int64_t>(1500, config_->export_interval.count()),
      config_->export_interval.count())(random);
  export_timer_.expires_after(milliseconds(first));
  while (!stopping_) {
    boost::system::error_code cancelled;
    co_await export_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (stopping_) break;
    export_now();
    export_timer_.expires_after(config_->export_interval);
  }
}

// The flight recorder: everything, once a second, half a second after the collectors looked.
asio::awaitable<void> Agent::record_loop() {
  MetricsEncoder encoder;
  while (!stopping_) {
    const auto into_second = std::chrono::nanoseconds(clock_.wall() % 1'000'000'000U);
    boost::system::error_code cancelled;
    record_timer_.expires_after((into_second < kRecordAt ? 0s : 1s) + kRecordAt - into_second);
    co_await record_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (stopping_) break;
    std::string second;
    const auto points = encoder.encode(resource_, latest_.entries(), second);
    if (points != 0) storage_.journal->record(clock_.wall(), points, std::move(second));
  }
}

asio::awaitable<void> Agent::handle_signals() {
  asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
  for (;;) {
    boost::system::error_code error;
    const int number =
        co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (number == SIGHUP) {
      if (!stopping_) co_await reload();
    } else {
      stop();
    }
  }
}

void Agent::stop() {
  if (std::exchange(stopping_, true)) {
    io_.stop();
    return;
  }
  asio::co_spawn(io_, shut_down(), rethrow);
}

asio::awaitable<void> Agent::shut_down() {
  const auto deadline = clock_.steady() + config_->shutdown_timeout;
  self_timer_.cancel();
  export_timer_.cancel();
  record_timer_.cancel();
  for (const auto& running : runners_) running.runner->stop();
  const auto busy = [](const Running& running) { return !running.runner->idle(); };
  asio::steady_timer poll(io_);
  while (std::any_of(runners_.begin(), runners_.end(), busy) && clock_.steady() < deadline) {
    poll.expires_after(kIdlePoll);
    co_await poll.async_wait(asio::use_awaitable);
  }
  for (const auto& running : runners_) {
    if (running.runner->idle()) continue;
    clean_ = false;
    log_.warning("agent", "collector {} is still blocked and is left", running.runner->info().name);
  }
  export_now();
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady());
  co_await destinations_.stop_all(std::max(left, milliseconds(0)));
  clean_ = clean_ && destinations_.finished();
  server_.stop();
  if (storage_.journal != nullptr) storage_.journal->close();
  log_.info("agent", "stopped");
  io_.stop();
}

bool Agent::ready() const {
  return std::all_of(runners_.begin(), runners_.end(), [](const Running& running) {
    const auto& stats = running.runner->stats();
    return stats.succeeded > 0 || !stats.last_error.empty();
  });
}

SelfView Agent::view() const {
  SelfView view;
  for (const auto& running : runners_) view.runners.push_back(running.runner.get());
  view.destinations = destinations_.describe();
  for (const auto& overflow : limit_.overflows()) {
    view.overflows.push_back({.metric = overflow.metric,
                              .points = overflow.points(),
                              .series = overflow.series,
                              .exchanged = overflow.exchanged});
  }
  for (auto& signal : attribution_.coverage()) view.coverage.push_back(std::move(signal));
  view.series = latest_.size();
  view.reloads_succeeded = reloads_succeeded_;
  view.reloads_failed = reloads_failed_;
  if (storage_.journal != nullptr) view.journal = &storage_.journal->stats();
  if (storage_.unusable) view.journal = &*storage_.unusable;
  view.clock_jumps = clock_watch_.jumps();
  return view;
}

void Agent::add_routes() {
  const auto json = [](std::string body) {
    return Page{.content_type = "application/json", .body = std::move(body)};
  };
  server_.route("/", [](const PageRequest&) {
    return Page{.content_type = "text/html; charset=utf-8", .body = index_html(version())};
  });
  server_.route("/metrics", [this](const PageRequest&) {
    return Page{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                .body = render_prometheus(prometheus_)};
  });
  server_.route("/healthz", [](const PageRequest&) { return Page{.body = "ok\n"}; });
  server_.route("/readyz", [this](const PageRequest&) {
    return ready() ? Page{.body = "ready\n"} : Page{.status = 503, .body = "starting\n"};
  });
  server_.route("/api/v1/status", [this, json](const PageRequest&) {
    auto now = view();
    std::ranges::sort(now.overflows, std::greater{}, &SelfView::Overflow::points);
    for (auto& overflow : now.overflows) overflow.description = limit_.describe(*overflow.metric);
    now.loudest = limit_.loudest(kLoudestPerAnswer);
    now.identity = attribution_.status();
    return json(status_json(now, version(), clock_, started_));
  });
  server_.route("/api/v1/coverage",
                [this, json](const PageRequest&) { return json(coverage_json(view())); });
  server_.route("/api/v1/catalog",
                [json](const PageRequest&) { return json(catalog_json(whole_catalogue())); });
  server_.route("/api/v1/series", [this, json](const PageRequest& request) {
    return json(series_json(latest_, query_value(request.query, "prefix"), kSeriesPerAnswer));
  });
}

}  // namespace plumbline
