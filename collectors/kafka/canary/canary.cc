// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/canary/canary.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "collectors/kafka/canary/signals.h"
#include "collectors/kafka/rdkafka/admin.h"

namespace plumbline::kafka {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// So long a look waits for its own messages; later ones are taken by the next.
constexpr milliseconds kPatience{1'000};
constexpr std::chrono::seconds kCreateAgain{10};
constexpr milliseconds kEnd{500};

// What a message holds.
struct Body {
  std::uint64_t run = 0;
  std::uint64_t number = 0;
};

Flights::Time now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

Canary::Canary(KafkaClusterConfig config, UnixNanos start, Log& log)
    : config_(std::move(config)), log_(log), series_(start) {
  std::random_device random;
  run_ = std::uint64_t{random()} << 32U | random();
}

Canary::~Canary() {
  rest();
}

void Canary::rest() {
  if (producer_) RdHandle::retire(std::move(producer_), kEnd);
  if (consumer_) RdHandle::retire(std::move(consumer_), kEnd);
  commits_.clear();
  reads_ = 0;
}

Result<> Canary::prepare(const std::string& secret) {
  std::vector<FileStamp> stamps{
      stamp_of(config_.ca_file), stamp_of(config_.certificate_file), stamp_of(config_.key_file)};
  if (producer_ && secret == secret_ && stamps == stamps_) return {};
  rest();
  secret_ = secret;
  stamps_ = std::move(stamps);
  auto settings = rd_settings(config_, secret);
  auto for_consumer = settings;
  const RdSettings of_producer{{"acks", "all"},
                               {"linger.ms", "0"},
                               {"message.timeout.ms", "30000"},
                               {"queue.buffering.max.messages", "10000"}};
  const RdSettings of_consumer{{"group.id", config_.canary_topic},
                               {"enable.auto.commit", "false"},
                               {"enable.auto.offset.store", "false"},
                               {"auto.offset.reset", "earliest"},
                               {"fetch.wait.max.ms", "100"},
                               {"fetch.error.backoff.ms", "100"},
                               {"queued.max.messages.kbytes", "1024"}};
  settings.insert(settings.end(), of_producer.begin(), of_producer.end());
  for_consumer.insert(for_consumer.end(), of_consumer.begin(), of_consumer.end());
  constexpr int kCommon = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH;
  auto producer = RdHandle::make(RdHandle::Kind::kProducer, settings, kCommon | RD_KAFKA_EVENT_DR);
  if (!producer) return producer.error();
  auto consumer = RdHandle::make(RdHandle::Kind::kConsumer,
                                 for_consumer,
                                 kCommon | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_OFFSET_COMMIT);
  if (!consumer) return consumer.error();
  if (config_.sasl == KafkaSasl::kOauthBearer) {
    TRY((*producer)->set_token(secret));
    TRY((*consumer)->set_token(secret));
  }
  producer_ = *std::move(producer);
  consumer_ = *std::move(consumer);
  return {};
}

// From the end of each partition on.
Result<> Canary::read_all(std::size_t partitions) {
  const RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions)));
  for (std::size_t i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(
        list.get(), config_.canary_topic.c_str(), static_cast<std::int32_t>(i))
        ->offset = RD_KAFKA_OFFSET_END;
  }
  const auto error = rd_kafka_assign(consumer_->get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{.code = Errc::kUnavailable, .what = rd_kafka_err2str(error)};
  }
  partitions_.resize(partitions);
  for (auto& flights : partitions_) flights.begin();
  reads_ = partitions;
  return {};
}

asio::awaitable<void> Canary::fly(const std::string& secret, Ground ground, Deadline deadline) {
  using asio::experimental::awaitable_operators::operator||;
  if (const auto ready = prepare(secret); !ready) {
    set_problem(ready.error().what);
    co_return;
  }
  take_events();
  if (ground.partitions == 0) {
    create_topic(ground.brokers);
    co_return;
  }
  const auto used = std::min(ground.partitions, kMaxPartitions);
  if (used != reads_) {
    if (const auto reads = read_all(used); !reads) {
      set_problem(reads.error().what);
      co_return;
    }
  }
  round_began_ = number_ + 1;
  round_open_ = 0;
  for (std::size_t i = 0; i < used; ++i) send(static_cast<std::int32_t>(i));
  const auto until = std::min(deadline, std::chrono::steady_clock::now() + kPatience);
  while (!all_done() && std::chrono::steady_clock::now() < until) {
    co_await (producer_->wait(until) || consumer_->wait(until));
    take_events();
  }
}

bool Canary::all_done() const {
  return round_open_ == 0 && commits_.empty();
}

void Canary::send(std::int32_t partition) {
  auto& flights = partitions_[static_cast<std::size_t>(partition)];
  if (!flights.has_room()) return;
  const Body body{.run = run_, .number = ++number_};
  std::array<rd_kafka_vu_t, 5> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = config_.canary_topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = partition;
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {.ptr = const_cast<Body*>(&body), .size = sizeof(body)};  // it is copied
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that comes back with the report
  parts[4].u.ptr = reinterpret_cast<void*>(number_);
  const auto begun = now();
  const RdError error(rd_kafka_produceva(producer_->get(), parts.data(), parts.size()));
  if (error) return set_problem(rd_kafka_error_string(error.get()));
  flights.sent(number_, begun);
  ++round_open_;
}

void Canary::take_events() {
  for (auto* handle : {producer_.get(), consumer_.get()}) {
    while (const auto event = handle->poll()) {
      switch (rd_kafka_event_type(event.get())) {
        case RD_KAFKA_EVENT_DR:
          take_written(event.get());
          break;
        case RD_KAFKA_EVENT_FETCH:
          take_seen(event.get());
          break;
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
          take_commit(event.get());
          break;
        case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
          take_creation(event.get());
          break;
        case RD_KAFKA_EVENT_ERROR:
          take_error(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
          break;
        case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH:
          if (const auto set = handle->set_token(secret_); !set) set_problem(set.error().what);
          break;
        default:
          break;
      }
    }
  }
}

void Canary::take_written(rd_kafka_op_s* event) {
  while (const auto* message = rd_kafka_event_message_next(event)) {
    const auto place = static_cast<std::size_t>(message->partition);
    if (message->partition < 0 || place >= partitions_.size()) continue;
    const auto number = reinterpret_cast<std::uint64_t>(message->_private);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto took = std::chrono::microseconds(rd_kafka_message_latency(message));
      partitions_[place].written(number, message->offset, took);
      continue;
    }
    partitions_[place].refused(number);
    if (number >= round_began_ && round_open_ > 0) --round_open_;
    if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      set_problem(
          fmt::format("canary: the agent's user needs WRITE on topic {}", config_.canary_topic));
    } else {
      take_error(message->err, rd_kafka_err2str(message->err));
    }
  }
}

void Canary::take_seen(rd_kafka_op_s* event) {
  while (const auto* message = rd_kafka_event_message_next(event)) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      take_error(message->err, rd_kafka_message_errstr(message));
      continue;
    }
    const auto place = static_cast<std::size_t>(message->partition);
    Body body;
    if (message->len != sizeof(body) || message->partition < 0 || place >= partitions_.size()) {
      continue;
    }
    std::memcpy(&body, message->payload, sizeof(body));
    if (body.run != run_) continue;
    partitions_[place].seen(body.number, message->offset, now());
    if (body.number < round_began_) continue;
    if (round_open_ > 0) --round_open_;
    set_problem({});
    commit(message->partition, message->offset + 1);
  }
}

void Canary::commit(std::int32_t partition, std::int64_t offset) {
  const auto open = std::find_if(commits_.begin(), commits_.end(), [&](const Commit& commit) {
    return commit.partition == partition;
  });
  if (open != commits_.end()) return;  // one at a time
  const RdList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), config_.canary_topic.c_str(), partition)->offset =
      offset;
  const Commit asked{.number = ++commit_number_, .partition = partition, .asked = now()};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that comes back with the answer
  auto* number = reinterpret_cast<void*>(asked.number);
  const auto error =
      rd_kafka_commit_queue(consumer_->get(), list.get(), consumer_->queue(), nullptr, number);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    commits_.push_back(asked);
  } else {
    take_error(error, rd_kafka_err2str(error));
  }
}

void Canary::take_commit(rd_kafka_op_s* event) {
  const auto number = reinterpret_cast<std::uint64_t>(rd_kafka_event_opaque(event));
  const auto asked = std::find_if(commits_.begin(), commits_.end(), [&](const Commit& commit) {
    return commit.number == number;
  });
  if (asked == commits_.end()) return;
  const auto error = rd_kafka_event_error(event);
  const auto place = static_cast<std::size_t>(asked->partition);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_error(error, rd_kafka_err2str(error));
  } else if (place < partitions_.size()) {
    partitions_[place].committed(now() - asked->asked);
  }
  commits_.erase(asked);
}

void Canary::take_error(int code, const std::string& text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return set_problem(fmt::format("canary: the agent's user needs READ and WRITE on topic {}",
                                     config_.canary_topic));
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return set_problem(
          fmt::format("canary: the agent's user needs READ on group {}", config_.canary_topic));
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return;  // the look tells it better
    default:
      set_problem(fmt::format("canary: {}", text));
  }
}

void Canary::create_topic(std::size_t brokers) {
  const auto moment = std::chrono::steady_clock::now();
  if (create_again_ && moment < *create_again_) return;
  create_again_ = moment + kCreateAgain;
  // One partition for each broker to lead; what was seen is of no use.
  const auto count = std::clamp<std::size_t>(brokers, 1, kMaxPartitions);
  if (const auto asked = ask_to_create(*producer_,
                                       {.name = config_.canary_topic,
                                        .partitions = static_cast<int>(count),
                                        .settings = {{"retention.ms", "600000"}}});
      !asked) {
    set_problem("canary: " + asked.error().what);
  }
}

void Canary::take_creation(rd_kafka_op_s* event) {
  switch (created(event)) {
    case Created::kMade:
      log_.info("collector.kafka",
                "{}: made the topic {} for the canary",
                config_.name,
                config_.canary_topic);
      break;
    case Created::kWasThere:
      break;
    case Created::kDenied:
      set_problem(
          fmt::format("canary: there is no topic {0}, or none that the agent's user may "
                      "see: make one, or allow CREATE, READ and WRITE on topic {0}",
                      config_.canary_topic));
      break;
    case Created::kFailed:
      set_problem(fmt::format("canary: the topic {} could not be made", config_.canary_topic));
      break;
  }
}

void Canary::report(Batch& out) {
  for (std::size_t i = 0; i < reads_; ++i) {
    const auto& flights = partitions_[i];
    const auto partition = static_cast<std::int64_t>(i);
    const auto own = [&](const MetricSpec& metric) {
      return series_.get(metric, {config_.name, partition});
    };
    const auto count = [&](std::string_view result, std::uint64_t value) {
      out.add(series_.get(canary::kMessages, {config_.name, partition, result}), value);
    };
    out.add(own(canary::kProduce), flights.produce().view());
    out.add(own(canary::kConsume), flights.consume().view());
    out.add(own(canary::kCommit), flights.commit().view());
    out.add(own(canary::kUnderWay), std::uint64_t{flights.under_way()});
    count("in_time", flights.counts().in_time);
    count("late", flights.counts().late);
    count("lost", flights.counts().lost);
    count("refused", flights.counts().refused);
  }
  series_.sweep();
}

void Canary::set_problem(std::string problem) {
  if (!problem.empty() && problem != problem_) {
    log_.warning("collector.kafka", "{}: {}", config_.name, problem);
  }
  problem_ = std::move(problem);
}

}  // namespace plumbline::kafka
