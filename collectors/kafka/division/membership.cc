// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/membership.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "collectors/kafka/rdkafka/admin.h"

namespace plumbline::kafka {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// Others learn by a heartbeat that somebody came or went.
constexpr milliseconds kHeartbeat{500};
// A renewal that takes longer is given up; the lease has time for the next.
constexpr milliseconds kRenewal{2'000};
constexpr std::chrono::seconds kCreateAgain{10};
// The group is left within this time when the agent ends.
constexpr milliseconds kLeave{2'000};

// Goes on while the machine sleeps, as the coordinator's clock does.
Lease::Time time_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

Membership::Membership(std::string cluster, std::string topic, std::string secret, Log& log)
    : cluster_(std::move(cluster)),
      topic_(std::move(topic)),
      secret_(std::move(secret)),
      log_(log),
      problem_("it is not yet a member of the group that shares the work") {}

Membership::~Membership() {
  if (handle_) RdHandle::retire(std::move(handle_), kLeave);
}

Result<std::unique_ptr<Membership>> Membership::make(const KafkaClusterConfig& config,
                                                     const std::string& secret,
                                                     milliseconds pace,
                                                     Log& log) {
  auto settings = rd_settings(config, secret);
  // One that does not take its share for so long hands it over, though it lives.
  const auto patience = std::max(3 * (pace + config.timeout), 2 * kSession);
  const RdSettings own{
      {"group.id", config.division_topic},
      {"partition.assignment.strategy", "cooperative-sticky"},  // who stays goes on meanwhile
      {"session.timeout.ms", fmt::to_string(kSession.count())},
      {"heartbeat.interval.ms", fmt::to_string(kHeartbeat.count())},
      {"max.poll.interval.ms", fmt::to_string(patience.count())},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "latest"},
      {"topic.metadata.refresh.interval.ms", "10000"}};
  settings.insert(settings.end(), own.begin(), own.end());
  constexpr int kEvents = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT |
                          RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH;
  auto handle = RdHandle::make(RdHandle::Kind::kConsumer, settings, kEvents);
  if (!handle) return handle.error();
  std::unique_ptr<Membership> made(new Membership(config.name, config.division_topic, secret, log));
  made->handle_ = *std::move(handle);
  if (config.sasl == KafkaSasl::kOauthBearer) TRY(made->handle_->set_token(secret));
  TRY(made->subscribe());
  return made;
}

Result<> Membership::subscribe() {
  const RdList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(handle_->get(), topics.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Error{.code = Errc::kMalformed, .what = described(error)};
}

Share Membership::share() const {
  return {topic_, std::vector<std::int32_t>(held_.begin(), held_.end())};
}

bool Membership::holds_now() const {
  return lease_.holds(time_since_boot());
}

asio::awaitable<void> Membership::renew(Deadline deadline) {
  take_changes();
  if (!commit()) co_return;
  const auto until = std::min(deadline, std::chrono::steady_clock::now() + kRenewal);
  while (answered_ < asked_ && std::chrono::steady_clock::now() < until) {
    co_await handle_->wait(until);
    take_changes();
  }
}

void Membership::take_changes() {
  while (const auto event = handle_->poll()) take(event.get());
}

void Membership::take(rd_kafka_op_s* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      take_rebalance(event);
      break;
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      take_answer(event);
      break;
    case RD_KAFKA_EVENT_ERROR:
      take_error(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
      break;
    case RD_KAFKA_EVENT_FETCH:  // nothing is written there: only what is wrong with the topic
      while (const auto* message = rd_kafka_event_message_next(event)) {
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        take_error(message->err, rd_kafka_message_errstr(message));
      }
      break;
    case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
      take_creation(event);
      break;
    case RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT:
      take_members(event);
      break;
    case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH:
      if (const auto set = handle_->set_token(secret_); !set) set_problem(set.error().what);
      break;
    default:
      break;
  }
}

void Membership::take_rebalance(rd_kafka_op_s* event) {
  auto* handle = handle_->get();
  auto* list = rd_kafka_event_topic_partition_list(event);
  const auto what = rd_kafka_event_error(event);
  const bool lost = rd_kafka_assignment_lost(handle) != 0;
  if (list != nullptr && list->cnt > 0) ++rebalances_;
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = 0;  // known: nobody looks it up
    const RdError error(rd_kafka_incremental_assign(handle, list));
    if (error) return set_problem(rd_kafka_error_string(error.get()));
    rd_kafka_pause_partitions(handle, list);
    for (int i = 0; i < list->cnt; ++i) held_.insert(list->elems[i].partition);
    set_problem({});
  } else if (what == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    // First it is no longer held here, then others are told that it is free.
    for (int i = 0; i < list->cnt; ++i) held_.erase(list->elems[i].partition);
    if (lost) lease_.end();
    const RdError error(rd_kafka_incremental_unassign(handle, list));
    if (error) set_problem(rd_kafka_error_string(error.get()));
  } else {
    held_.clear();
    lease_.end();
    rd_kafka_assign(handle, nullptr);
    set_problem(described(what));
  }
  log_.debug("collector.kafka", "{}: {} partitions of {} are held", cluster_, held_.size(), topic_);
}

// Commits what it holds, to be told whether it may. False: there is nothing to ask about, or the
// last question is still open.
bool Membership::commit() {
  if (held_.empty()) return false;
  const auto now = time_since_boot();
  if (answered_ < asked_ && now < asked_at_ + kRenewal) return false;
  const RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(held_.size())));
  for (const auto partition : held_) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = 0;
  }
  asked_at_ = now;
  ++asked_;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that comes back with the answer
  auto* number = reinterpret_cast<void*>(asked_);
  const auto error =
      rd_kafka_commit_queue(handle_->get(), list.get(), handle_->queue(), nullptr, number);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  answered_ = asked_;
  return false;
}

void Membership::take_answer(rd_kafka_op_s* event) {
  const auto number = reinterpret_cast<std::uint64_t>(rd_kafka_event_opaque(event));
  if (number != asked_) return;  // given up; the next one tells more
  answered_ = number;
  const auto error = rd_kafka_event_error(event);
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      lease_.renew(asked_at_);
      set_problem({});
      break;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      break;  // a new generation is under way; until it is here, the lease says how long
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      lease_.end();
      break;
    default:
      take_error(error, rd_kafka_err2str(error));
  }
}

void Membership::take_error(int code, const std::string& text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      create_topic();
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      set_problem(fmt::format("the agent's user needs READ on topic {}", topic_));
      break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      set_problem(fmt::format("the agent's user needs READ on group {}", topic_));
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      break;  // the look tells it better
    default:
      set_problem(fmt::format("the group {}: {}", topic_, text));
  }
}

void Membership::create_topic() {
  const auto now = time_since_boot();
  if (created_at_ && now < *created_at_ + kCreateAgain) return;
  created_at_ = now;
  const auto asked =
      ask_to_create(*handle_, {.name = topic_, .partitions = kPartitions, .settings = {}});
  if (!asked) set_problem(asked.error().what);
}

void Membership::take_creation(rd_kafka_op_s* event) {
  switch (created(event)) {
    case Created::kMade:
      log_.info("collector.kafka",
                "{}: made the topic {} of {} partitions, to share the work of agents",
                cluster_,
                topic_,
                kPartitions);
      [[fallthrough]];
    case Created::kWasThere:
      if (const auto again = subscribe(); !again) set_problem(again.error().what);
      break;
    case Created::kDenied:
      set_problem(
          fmt::format("there is no topic {0}, or none that the agent's user may see: make one with "
                      "{1} partitions and allow READ on it, or allow CREATE and READ on topic {0}",
                      topic_,
                      kPartitions));
      break;
    case Created::kFailed:
      set_problem(fmt::format("the topic {} could not be made", topic_));
      break;
  }
}

void Membership::ask_for_members() {
  if (std::exchange(asks_for_members_, true)) return;
  const char* group = topic_.c_str();
  rd_kafka_DescribeConsumerGroups(handle_->get(), &group, 1, nullptr, handle_->queue());
}

void Membership::take_members(rd_kafka_op_s* event) {
  asks_for_members_ = false;
  members_.reset();
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::size_t count = 0;
  const auto* const* groups = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  if (count == 0) return;
  const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
  if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  members_ = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
}

void Membership::set_problem(std::string problem) {
  if (!problem.empty() && problem != problem_) {
    log_.warning("collector.kafka", "{}: {}", cluster_, problem);
  }
  problem_ = std::move(problem);
}

}  // namespace plumbline::kafka
