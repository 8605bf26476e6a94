// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/cluster_watch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "collectors/kafka/rights.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

namespace {

SaslMechanism mechanism_of(KafkaSasl sasl) {
  switch (sasl) {
    case KafkaSasl::kNone:
      return SaslMechanism::kNone;
    case KafkaSasl::kPlain:
      return SaslMechanism::kPlain;
    case KafkaSasl::kScramSha256:
      return SaslMechanism::kScramSha256;
    case KafkaSasl::kScramSha512:
      return SaslMechanism::kScramSha512;
    case KafkaSasl::kOauthBearer:
      return SaslMechanism::kOauthBearer;
    case KafkaSasl::kGssapi:
      return SaslMechanism::kGssapi;
  }
  return SaslMechanism::kNone;
}

Aliases aliases_of(const std::vector<std::string>& names) {
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return {.klag = has("klag"), .kminion = has("kminion"), .kafka_exporter = has("kafka_exporter")};
}

// A file written by an editor ends in a newline that is no part of the secret.
Result<std::string> read_secret(const std::string& path) {
  auto text = read_small_file(path);
  if (!text) return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

}  // namespace

Result<std::unique_ptr<ClusterWatch>> ClusterWatch::make(const KafkaClusterConfig& config,
                                                         std::size_t series_per_metric,
                                                         std::chrono::milliseconds pace,
                                                         TrustSets& trust,
                                                         const Clock& clock,
                                                         Log& log) {
  auto topics = NameFilter::make(config.topics, config.exclude_topics);
  if (!topics) return topics.error();
  auto groups = NameFilter::make(config.groups, config.exclude_groups);
  if (!groups) return groups.error();
  return std::unique_ptr<ClusterWatch>(new ClusterWatch(
      config, series_per_metric, pace, *std::move(topics), *std::move(groups), trust, clock, log));
}

ClusterWatch::ClusterWatch(const KafkaClusterConfig& config,
                           std::size_t series_per_metric,
                           std::chrono::milliseconds pace,
                           NameFilter topics,
                           NameFilter groups,
                           TrustSets& trust,
                           const Clock& clock,
                           Log& log)
    : config_(config),
      clock_(clock),
      log_(log),
      client_({}, std::move(topics), std::move(groups), clock),
      series_(config.name,
              {.groups = series_per_metric,
               .partitions = std::min<std::size_t>(config.partition_series, series_per_metric),
               .rows = std::min<std::size_t>(config.partition_series, series_per_metric / 2)},
              aliases_of(config.aliases),
              clock.wall()) {
  if (!config.canary_topic.empty()) {
    canary_ = std::make_unique<Canary>(config, clock.wall(), log);
  }
  if (!config.division_topic.empty()) division_.emplace(config, pace, clock.wall(), log);
  if (config.tls) {
    tls_ = trust.get({.ca_file = config.ca_file,
                      .certificate_file = config.certificate_file,
                      .key_file = config.key_file});
  }
  const auto& file =
      config.sasl == KafkaSasl::kOauthBearer ? config.token_file : config.password_file;
  if (config.sasl != KafkaSasl::kNone && config.sasl != KafkaSasl::kGssapi) {
    secret_ = std::make_unique<Watched<std::string>>(
        std::vector<std::string>{file}, [file] { return read_secret(file); }, log);
  }
}

Result<ClusterAccess> ClusterWatch::access() {
  ClusterAccess access{.server_name = config_.server_name, .canary_topic = config_.canary_topic};
  for (const auto& broker : config_.brokers) {
    auto url = parse_url((tls_ ? "https://" : "http://") + broker);
    if (url) access.bootstrap.push_back(*std::move(url));
  }
  if (tls_) {
    auto context = tls_->get();
    if (!context) return context.error();
    access.tls = *context;
  }
  access.credentials.mechanism = mechanism_of(config_.sasl);
  access.credentials.user = config_.user;
  access.credentials.keytab = config_.keytab_file;
  access.credentials.service = config_.service;
  if (secret_) {
    auto secret = secret_->get();
    if (!secret) return secret.error();
    access.credentials.secret = *std::move(secret);
  }
  return access;
}

asio::awaitable<void> ClusterWatch::look() {
  const auto begun = std::chrono::steady_clock::now();
  const auto deadline = begun + config_.timeout;
  problems_.clear();
  snapshot_.reset();
  auto access = this->access();
  if (!access) {
    note(access.error());
    co_return;
  }
  const auto secret = access->credentials.secret;
  if (division_) co_await divide(secret, deadline);
  client_.set_access(*std::move(access));
  auto seen = co_await client_.look(deadline);
  if (seen) {
    snapshot_ = *std::move(seen);
    co_await markers_.find(client_, *snapshot_, clock_.steady(), deadline);
    model_.see(*snapshot_, static_cast<Millis>(snapshot_->offsets_time / 1'000'000));
    co_await ask_for_times(deadline);
    totals_ = total(model_.rows());
    dead_letters_.see(*snapshot_, static_cast<Millis>(snapshot_->offsets_time / 1'000'000));
    co_await date_dead_letters(deadline);
    co_await look_at_health(deadline);
    for (const auto& refusal : snapshot_->refusals) {
      problems_.push_back(explain(config_.name, refusal));
    }
    if (!last_failure_.empty()) log_.info("collector.kafka", "{} is seen again", config_.name);
    last_failure_.clear();
    tell_events();
    tell_verdicts();
  } else {
    note(seen.error());
  }
  if (canary_) co_await fly_canary(secret, deadline);
  took_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// What this agent is to look at, now.
asio::awaitable<void> ClusterWatch::divide(const std::string& secret, Deadline deadline) {
  client_.set_share(co_await division_->renew(secret, deadline));
  if (!division_->problem().empty()) {
    problems_.push_back(config_.name + ": " + division_->problem());
  }
}

// One agent alone does it for the cluster. It flies on when a look fails: then most of all.
asio::awaitable<void> ClusterWatch::fly_canary(const std::string& secret, Deadline deadline) {
  if (snapshot_ && !snapshot_->share.has_cluster()) {
    canary_->rest();
    canary_ground_.reset();
    co_return;
  }
  if (snapshot_) {
    canary_ground_ = {.partitions = snapshot_->canary_partitions,
                      .brokers = snapshot_->brokers.size()};
  }
  if (!canary_ground_) co_return;
  co_await canary_->fly(secret, *canary_ground_, deadline);
  if (!canary_->problem().empty()) {
    problems_.push_back(config_.name + ": " + canary_->problem());
  }
}

void ClusterWatch::note(const Error& error) {
  problems_.push_back(config_.name + ": " + error.what);
  if (last_failure_ == error.what) return;
  last_failure_ = error.what;
  log_.warning("collector.kafka", "{}: {}", config_.name, error.what);
}

asio::awaitable<void> ClusterWatch::ask_for_times(Deadline deadline) {
  for (unsigned i = 0; i < kRounds; ++i) {
    // A question that would not be answered in time would end the connection.
    if (std::chrono::steady_clock::now() + config_.timeout / 3 > deadline) break;
    std::vector<TimeQuestion> questions;
    for (const auto& wanted : model_.questions(round_++)) {
      questions.push_back(
          {.topic = wanted.topic, .partition = wanted.partition, .time = wanted.time});
    }
    if (questions.empty()) break;
    const auto found = co_await client_.find_by_time(*snapshot_, std::move(questions), deadline);
    if (found.empty()) break;
    for (const auto& record : found) {
      model_.learn(record.topic, record.partition, record.asked, record.offset, record.time);
    }
  }
  model_.date_rows();
}

asio::awaitable<void> ClusterWatch::date_dead_letters(Deadline deadline) {
  std::vector<TimeQuestion> questions;
  for (const auto& wanted : dead_letters_.questions()) {
    questions.push_back({.topic = wanted.topic, .partition = wanted.partition, .time = 0});
  }
  if (questions.empty()) co_return;
  const auto found = co_await client_.find_by_time(*snapshot_, std::move(questions), deadline);
  for (const auto& record : found) {
    dead_letters_.learn(record.topic, record.partition, record.offset, record.time);
  }
}

// What is not asked for in every look is refused until it is asked for again.
asio::awaitable<void> ClusterWatch::keep_refusals(std::vector<Refusal>& kept,
                                                  asio::awaitable<void> reading) {
  auto others = std::exchange(snapshot_->refusals, {});
  co_await std::move(reading);
  kept = std::exchange(snapshot_->refusals, std::move(others));
}

asio::awaitable<void> ClusterWatch::look_at_health(Deadline deadline) {
  const auto now = clock_.steady();
  health_.transactions = co_await read_transactions(client_, *snapshot_, deadline);
  date_transactions();
  tell_transactions();
  const bool has_cluster = snapshot_->share.has_cluster();
  const bool had_cluster = std::exchange(had_cluster_, has_cluster);
  if (!has_cluster) disk_refusals_.clear();
  if (has_cluster && (now >= next_disks_ || !had_cluster)) {
    next_disks_ = now + kDiskPeriod;
    co_await keep_refusals(disk_refusals_, read_disks(client_, *snapshot_, health_, deadline));
  }
  if (now >= next_settings_ || snapshot_->topics.size() != settled_topics_) {
    next_settings_ = now + kSettingsPeriod;
    settled_topics_ = snapshot_->topics.size();
    co_await keep_refusals(setting_refusals_,
                           read_settings(client_, *snapshot_, health_, deadline));
  }
  for (const auto* kept : {&disk_refusals_, &setting_refusals_}) {
    snapshot_->refusals.insert(snapshot_->refusals.end(), kept->begin(), kept->end());
  }
}

void ClusterWatch::tell_events() {
  // A cluster in trouble may have thousands; counters have them all.
  constexpr std::size_t kMaxLines = 20;
  std::size_t lines = 0;
  for (const auto& event : model_.events()) {
    if (++lines > kMaxLines) break;
    const auto& group = snapshot_->groups[event.group].id;
    const auto& topic = snapshot_->topics[event.topic].name;
    const auto& happened = event.happened;
    if (happened.lost() > 0) {
      log_.warning(
          "collector.kafka",
          "{}: group {} lost offsets {} to {} of {} partition {}: they were deleted before "
          "it had read them",
          config_.name,
          group,
          happened.lost_first,
          happened.lost_end - 1,
          topic,
          event.partition);
    }
    if (happened.rewound_from) {
      log_.info("collector.kafka",
                "{}: group {} went back on {} partition {} from offset {}",
                config_.name,
                group,
                topic,
                event.partition,
                *happened.rewound_from);
    }
    if (happened.beyond_end) {
      log_.warning(
          "collector.kafka",
          "{}: group {} has committed beyond the end of {} partition {}: was it truncated?",
          config_.name,
          group,
          topic,
          event.partition);
    }
  }
}

// Where no coordinator tells since when, it is since it was first seen.
void ClusterWatch::date_transactions() {
  const auto now = static_cast<std::int64_t>(snapshot_->offsets_time / 1'000'000);
  decltype(open_since_) open;
  for (auto& transaction : health_.transactions) {
    if (transaction.since_ms) continue;
    const std::tuple key(
        transaction.topic, transaction.partition, transaction.producer, transaction.start);
    const auto before = open_since_.find(key);
    transaction.since_ms = before == open_since_.end() ? now : before->second;
    open.emplace(key, *transaction.since_ms);
  }
  open_since_ = std::move(open);
}

void ClusterWatch::tell_transactions() {
  const auto now = static_cast<std::int64_t>(snapshot_->offsets_time / 1'000'000);
  std::set<std::string> hanging;
  for (const auto& transaction : health_.transactions) {
    const auto open = now - *transaction.since_ms;
    if (open <= transaction.timeout_ms) continue;
    auto text = fmt::format("{} partition {} is held up by a hanging transaction of producer {}",
                            transaction.topic,
                            transaction.partition,
                            transaction.producer);
    if (!transaction.id.empty()) text += fmt::format(", transactional id {}", transaction.id);
    if (!hanging_.contains(text)) {
      log_.warning("collector.kafka",
                   "{}: {}, open for {} s: readers of committed records wait",
                   config_.name,
                   text,
                   open / 1'000);
    }
    hanging.insert(std::move(text));
  }
  hanging_ = std::move(hanging);
}

void ClusterWatch::tell_verdicts() {
  const auto now = static_cast<Millis>(snapshot_->offsets_time / 1'000'000);
  std::map<std::string, Verdict> verdicts;
  for (const auto& total : totals_.groups) {
    const auto& group = snapshot_->groups[total.group];
    if (total.verdict != Verdict::kOk) verdicts[group.id] = total.verdict;
    const auto known = verdicts_.find(group.id);
    const auto before = known == verdicts_.end() ? Verdict::kOk : known->second;
    if (total.verdict == before) continue;
    log_.info("collector.kafka",
              "{}: group {} is {}: on {} partition {} it {}",
              config_.name,
              group.id,
              to_string(total.verdict),
              snapshot_->topics[total.worst->topic].name,
              total.worst->partition,
              total.worst->track->reason(total.verdict, now, group.members));
  }
  verdicts_ = std::move(verdicts);
}

void ClusterWatch::report(Batch& out) {
  const auto& traffic = client_.traffic();
  series_.add_traffic(is_up(), took_, traffic.requests, traffic.received_bytes, out);
  const bool tells = snapshot_ && (!division_ || division_->may_report(snapshot_->share));
  if (division_) {
    division_->report(snapshot_ ? snapshot_->share : Share(config_.division_topic, {}), out);
  }
  if (canary_ && (tells || !division_)) canary_->report(out);
  if (tells) {
    series_.add(*snapshot_, model_, totals_, health_, out);
    series_.add_dead_letters(*snapshot_, dead_letters_, out);
  }
  series_.sweep();
}

}  // namespace plumbline::kafka
