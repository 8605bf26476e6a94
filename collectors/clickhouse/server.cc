// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/server.h"

#include <algorithm>

#include <fmt/format.h>

#include "collectors/clickhouse/exception.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline::clickhouse {
namespace {

namespace asio = boost::asio;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

constexpr UnixNanos kNanos = 1'000'000'000;

// Failures of the server and not of one query: nothing else is asked for a while.
bool is_of_server(const Error& error) {
  return error.code == Errc::kUnavailable || error.code == Errc::kTimeout ||
         error.code == Errc::kExhausted;
}

std::chrono::nanoseconds back_off_after(unsigned failures) {
  constexpr unsigned kDoublings = 5;
  return std::min<nanoseconds>(Server::kMaxBackOff,
                               kInfo.period * (1U << std::min(failures, kDoublings)));
}

// One file for each server, whatever is in its name.
std::filesystem::path state_path(const CollectorContext& context, const ClickHouseConfig& config) {
  if (context.state.empty()) return {};
  const auto whose = fmt::format("{} {} {}", config.url, config.cluster, config.database);
  return context.state / fmt::format("clickhouse-{:016x}", fingerprint(whose));
}

}  // namespace

Server::Server(const ClickHouseConfig& config,
               Url url,
               const CollectorContext& context,
               TrustSets& trust)
    : clock_(context.clock),
      log_(context.log),
      config_(config),
      source_{.database = config.database,
              .cluster = config.cluster,
              .teams = config.teams,
              .traces = config.traces,
              .slow = config.slow_query,
              .trace_one_in = config.trace_one_in},
      speaker_{.address = url.host, .port = url.port, .is_cluster = !config.cluster.empty()},
      client_(config, std::move(url), trust, context.log),
      series_(context.clock.wall()),
      started_(context.clock.wall()),
      state_(state_path(context, config)),
      places_(state_.load()),
      failures_(context.clock) {
  for (const auto* check : all_checks()) {
    if (!off(*check).empty()) continue;
    items_.push_back({.check = check, .plan = {.reason = "the server has not been seen yet"}});
  }
}

Server::~Server() {
  save_places();
}

std::string_view Server::off(const Check& check) const {
  if (check.budget == Budget::kQueryShapes && config_.query_shapes == 0) {
    return "query_shapes is 0 in the configuration";
  }
  if (check.signal == "clickhouse.spans" && !config_.traces) {
    return "traces is false in the configuration";
  }
  return {};
}

asio::awaitable<void> Server::collect(Clock::Steady deadline, Batch& out) {
  save_places();
  if (clock_.steady() >= retry_at_) {
    const bool good = co_await look(deadline);
    if (good) {
      if (!error_.empty()) log_.info("clickhouse", "{} answers again", name());
      error_.clear();
      in_a_row_ = 0;
    }
  }
  forecast_.forget_idle(clock_.steady());
  add_all(out);
  for (auto& event : failures_.take()) records_.add(std::move(event));
  out.move_records(records_);
  series_.sweep();
}

// Makes the checks that are due. False when the server as a whole failed.
asio::awaitable<bool> Server::look(Clock::Steady deadline) {
  const auto left = [&] {
    return std::min<nanoseconds>(config_.timeout, deadline - clock_.steady());
  };
  const auto prepared = co_await prepare(std::chrono::steady_clock::now() + left());
  if (!prepared) {
    back_off(prepared.error());
    co_return false;
  }
  for (auto& item : items_) {
    if (item.plan.sql.empty() || clock_.steady() < item.due) continue;
    if (left() <= nanoseconds::zero()) break;
    const auto begun = clock_.steady();
    const auto result = co_await run(item, std::chrono::steady_clock::now() + left());
    note(item, result, clock_.steady() - begun);
    if (!result && is_of_server(result.error())) {
      back_off(result.error());
      co_return false;
    }
  }
  co_return true;
}

// Learns what the server is, at first and now and then.
asio::awaitable<Result<>> Server::prepare(Deadline deadline) {
  if (facts_ && clock_.steady() - learned_ < kRelearn) co_return Result<>();
  auto facts = co_await learn(client_, config_, deadline);
  if (!facts) co_return facts.error();
  if (version_ != facts->version) {
    log_.info("clickhouse", "{} is ClickHouse {}", name(), facts->version);
    if (!facts->restriction.empty())
      log_.warning("clickhouse", "{}: {}", name(), facts->restriction);
  }
  const bool same = facts_ && facts_->schema == facts->schema && version_ == facts->version;
  version_ = facts->version;
  facts_ = *std::move(facts);
  learned_ = clock_.steady();
  server_start_ = clock_.wall() - static_cast<UnixNanos>(nanoseconds(facts_->uptime).count());
  if (!same) {
    entities_.clear();
    make_plans();
  }
  co_return Result<>();
}

// What was given with the last call is in the agent's queue by now.
void Server::save_places() {
  for (const auto& item : items_) {
    if (item.records) places_[std::string(item.check->signal)] = item.records->state();
  }
  state_.save(places_);
}

void Server::make_plans() {
  save_places();
  for (auto& item : items_) {
    auto plan = plan_check(*item.check, facts_->schema, source_);
    if (plan.sql != item.plan.sql) {
      item.due = {};
      item.error.clear();
      item.failures = 0;
      item.points.clear();
      item.log.reset();
      item.records.reset();
    }
    item.plan = std::move(plan);
    if (item.check->shape == Shape::kLog && !item.log && !item.plan.sql.empty()) {
      const auto capacity = item.check->budget == Budget::kQueryShapes
                                ? static_cast<std::size_t>(config_.query_shapes)
                                : kMaxCheckRows;
      item.log = std::make_unique<LogCounts>(item.plan, capacity);
    }
    if (item.check->shape == Shape::kRecords && !item.records && !item.plan.sql.empty()) {
      item.records = std::make_unique<RecordLog>(item.plan);
      item.records->restore(places_[std::string(item.check->signal)]);
    }
  }
}

std::int64_t Server::server_now() const {
  return facts_->now + duration_cast<std::chrono::seconds>(clock_.steady() - learned_).count();
}

asio::awaitable<Result<>> Server::run(Scheduled& item, Deadline deadline) {
  auto sql = item.log       ? item.log->query(server_now())
             : item.records ? item.records->query(server_now())
                            : item.plan.sql;
  auto answer = co_await client_.query(std::move(sql), facts_->settings, deadline);
  if (!answer) co_return answer.error();
  if (answer->read_rows) {
    item.rows += *answer->read_rows;
    item.tells_rows = true;
  }
  item.points.clear();
  item.is_cut = answer->table.rows.size() >= (item.records ? kMaxRecordRows : kMaxCheckRows);
  if (item.records) co_return take_records(item, answer->table);
  co_return item.log ? take_log(item, answer->table) : take_rows(item, answer->table);
}

Result<> Server::take_rows(Scheduled& item, const Table& answer) {
  if (item.check->signal == "clickhouse.part_limits") forecast_.forget_limits();
  return read_rows(
      item.plan,
      answer,
      speaker_,
      {.value = [&](const Attributes& attributes,
                    const MetricSpec& metric,
                    double value) { take_value(item, attributes, metric, value); },
       .failure = [&](const Attributes& attributes,
                      std::string_view text) { take_failure(item, attributes, text, 1); }});
}

void Server::take_value(Scheduled& item,
                        const Attributes& attributes,
                        const MetricSpec& metric,
                        double value) {
  item.points.add(attributes.series(series_, server_start_, metric), value);
  const auto table = attributes.key();
  if (&metric == &kPartsDelay) {
    auto limits = forecast_.limits(table).value_or(PartsForecast::Limits{});
    limits.delay = value;
    forecast_.set_limits(table, limits);
  } else if (&metric == &kPartsThrow) {
    auto limits = forecast_.limits(table).value_or(PartsForecast::Limits{});
    limits.refuse = value;
    forecast_.set_limits(table, limits);
  } else if (&metric == &kPartsMax) {
    forecast_.add(table, clock_.steady(), value);
    const auto limits = forecast_.limits(table);
    if (limits && limits->refuse > 0) {
      item.points.add(attributes.series(series_, 0, kPartsUtilization), value / limits->refuse);
    }
    if (const auto seconds = forecast_.seconds_to_delay(table)) {
      item.points.add(attributes.series(series_, 0, kTimeToDelay), *seconds);
    }
  }
}

void Server::take_failure(Scheduled& item,
                          const Attributes& attributes,
                          std::string_view text,
                          std::uint64_t count) {
  ++item.failure_texts;
  const auto check = item.check->signal.substr(item.check->signal.find('.') + 1);
  auto sentence = normalized(text);
  const auto subject = attributes.subject();
  const auto metric = std::find_if(item.plan.columns.begin(),
                                   item.plan.columns.end(),
                                   [](const Column* column) { return column->metric != nullptr; });
  Event event{.name = "plumbline.clickhouse.failure",
              .time = clock_.wall(),
              .observed = clock_.wall(),
              .severity = EventSeverity::kError,
              .body = fmt::format("{} {}: {}", check, subject, sentence),
              .subject = {.entity = place_of(attributes.host()).entity, .group = {}}};
  if (metric != item.plan.columns.end()) event.attributes = attributes.fields(*(*metric)->metric);
  event.attributes.emplace_back("plumbline.clickhouse.check.name", std::string(check));
  event.attributes.emplace_back("exception.message", sentence);
  if (const auto code = code_of(text); code != Code::kNone) {
    event.attributes.emplace_back("error.type", fmt::to_string(static_cast<int>(code)));
  }
  const auto kind = fmt::format("{}\n{}\n{}", check, attributes.key(), sentence);
  if (!failures_.add(kind, std::move(event), count)) return;
  log_.warning("clickhouse", "{}: {} {}: {}", name(), check, subject, sentence);
}

// The host is that of the row in a cluster; else the server speaks for itself.
Place Server::place_of(std::string_view host) {
  Place place{.address = speaker_.is_cluster ? std::string(host) : speaker_.address,
              .port = speaker_.is_cluster ? 0 : speaker_.port};
  auto& entity = entities_[place.address];
  if (!entity) {
    const auto instance =
        place.port > 0 ? fmt::format("{}:{}", place.address, place.port) : place.address;
    entity = std::make_shared<EntityRef::element_type>(
        EntityRef::element_type{{"service.name", "clickhouse"},
                                {"service.instance.id", instance},
                                {"service.version", version_}});
  }
  place.entity = entity;
  return place;
}

Result<> Server::take_records(Scheduled& item, const Table& answer) {
  auto records = item.records->take(answer);
  if (!records) return std::move(records).error();
  for (const auto& record : *records) take_record(item, record);
  return {};
}

void Server::take_record(Scheduled& item, const Record& record) {
  const auto place = place_of(record.host());
  const bool is_query = item.check->table == "query_log";
  auto span = is_query ? query_span(record, place) : server_span(record, place);
  if (!span) {
    ++item.unreadable;
    return;
  }
  if (is_query && record.flag("failed")) {
    ++item.failure_texts;
    auto event = query_failure(record, *span);
    event.observed = clock_.wall();
    const auto kind =
        fmt::format("query_spans\n{}\n{}\n{}", place.address, record.text("user"), event.body);
    failures_.add(kind, std::move(event), 1);
  }
  if (config_.traces) records_.add(*std::move(span));
}

Result<> Server::take_log(Scheduled& item, const Table& answer) {
  TRY(item.log->take(answer));
  for (const auto& [key, group] : item.log->groups()) {
    const auto attributes = attributes_of(group, speaker_);
    const auto start = static_cast<UnixNanos>(group.since) * kNanos;
    for (std::size_t i = 0; i < item.plan.columns.size(); ++i) {
      const auto& column = *item.plan.columns[i];
      if (column.role == Column::Role::kValue) {
        item.points.add(attributes.series(series_, start, *column.metric),
                        group.settled[i] + group.open[i]);
      } else if (column.role == Column::Role::kBucket) {
        auto all = group.settled_histogram;
        all.merge(group.open_histogram.view());
        item.points.add(attributes.series(series_, start, *column.metric), all.view());
      }
    }
  }
  for (const auto& failure : item.log->failures()) {
    auto attributes = Attributes(failure.labels.front().value_or(speaker_.address), 0);
    for (std::size_t i = 1; i < failure.labels.size(); ++i) attributes.add(failure.labels[i]);
    take_failure(item, attributes, failure.text, failure.is_settled ? 1 : 0);
  }
  return {};
}

void Server::note(Scheduled& item, const Result<>& result, nanoseconds took) {
  const auto now = clock_.steady();
  item.seconds += duration<double>(took).count();
  if (result) {
    if (!item.error.empty()) {
      log_.info("clickhouse", "{}: {} works again", name(), item.check->signal);
    }
    item.error.clear();
    item.failures = 0;
    item.due = now + std::max<nanoseconds>(item.check->period, took * kRest);
    return;
  }
  ++item.failed;
  ++item.failures;
  item.due = now + std::max<nanoseconds>(item.check->period, back_off_after(item.failures));
  const auto& error = result.error();
  if (is_of_server(error)) return;
  // A column or a table went away: look at the server anew.
  if (error.code == Errc::kUnsupported) learned_ = now - kRelearn;
  if (item.error != error.what) {
    log_.warning("clickhouse", "{}: {} failed: {}", name(), item.check->signal, error.what);
  }
  item.error = error.what;
}

void Server::back_off(const Error& error) {
  if (error_ != error.what) log_.warning("clickhouse", "{}: {}", name(), error.what);
  error_ = error.what;
  facts_.reset();
  // One that is away may be back soon; one that is full or slow needs rest. Half a period earlier
  // than a tick, so that the tick is not missed.
  if (in_a_row_ == 0 && error.code != Errc::kUnavailable) ++in_a_row_;
  retry_at_ = clock_.steady() + back_off_after(in_a_row_++) - kInfo.period / 2;
  for (auto& item : items_) item.points.clear();
}

}  // namespace plumbline::clickhouse
