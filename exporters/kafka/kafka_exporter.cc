// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/kafka_exporter.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "agent/pipeline/otlp_json.h"
#include "exporters/kafka/outcome.h"

namespace plumbline {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Kind = SendOutcome::Kind;
using Event = KafkaProducer::Event;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// What the end of the agent waits for librdkafka's threads. They end within milliseconds, but one
// that looks up a name ends with the look-up.
constexpr milliseconds kEndPatience{250};

// The first line, so that a file may end as editors end it.
Result<std::string> read_password(const std::string& path) {
  if (path.empty()) return std::string();
  const auto content = read_small_file(path);
  if (!content) return content.error();
  auto line = content->substr(0, content->find_first_of("\r\n"));
  if (!line.empty()) return line;
  return Error{.code = Errc::kMalformed, .what = fmt::format("{} holds no password", path)};
}

std::vector<FileStamp> stamps_of(const KafkaConfig& config) {
  return {stamp_of(config.password_file),
          stamp_of(config.ca_file),
          stamp_of(config.certificate_file),
          stamp_of(config.key_file)};
}

// Until `wake` is readable; false: not by `deadline`.
asio::awaitable<bool> wait(asio::posix::stream_descriptor& wake,
                           std::chrono::steady_clock::time_point deadline) {
  using asio::experimental::awaitable_operators::operator||;
  asio::steady_timer timer(wake.get_executor(), deadline);
  const auto first = co_await (wake.async_wait(asio::posix::descriptor_base::wait_read, kAsTuple) ||
                               timer.async_wait(kAsTuple));
  co_return first.index() == 0;
}

// An eventfd is one number: reading it makes it 0.
void clear(int wake) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto length = ::read(wake, &count, sizeof(count));
}

}  // namespace

KafkaExporter::KafkaExporter(KafkaConfig config, std::string key, Log& log)
    : config_(std::move(config)),
      key_(std::move(key)),
      log_(log),
      name_(config_.name.empty() ? own_name(config_) : config_.name) {}

KafkaExporter::~KafkaExporter() {
  wake_.reset();
  if (producer_) KafkaProducer::retire(std::move(producer_), kEndPatience);
}

void KafkaExporter::discard() {
  wake_.reset();
  if (producer_) KafkaProducer::retire(std::move(producer_), milliseconds(0));
}

Result<KafkaSettings> KafkaExporter::settings() const {
  const auto password = read_password(config_.password_file);
  if (!password) return password.error();
  return kafka_settings(config_, *password);
}

Result<> KafkaExporter::check() const {
  const auto all = settings();
  if (!all) return all.error();
  return KafkaProducer::check(*all);
}

// A producer with this message under way stays as long as it gets somewhere: another one could
// write the message a second time.
Result<KafkaExporter::News> KafkaExporter::prepare(const asio::any_io_executor& executor,
                                                   const std::string& message) {
  auto stamps = stamps_of(config_);
  if (producer_) {
    const bool holds = producer_->message() == message;
    const bool stays =
        stamps == stamps_ ? holds || !producer_->message() : holds && trouble_.empty();
    if (stays) return News::kOld;
    discard();
  }
  const auto all = settings();
  if (!all) return all.error();
  auto made = KafkaProducer::make(*all);
  if (!made) return made.error();
  const int wake = ::dup((*made)->wake_fd());
  if (wake < 0) return errno_error(errno, "no descriptor for Kafka");
  wake_.emplace(executor, wake);
  producer_ = *std::move(made);
  stamps_ = std::move(stamps);
  return News::kFresh;
}

Result<std::string> KafkaExporter::encode(const Payload& payload) const {
  if (config_.encoding == KafkaEncoding::kOtlpProto) return std::string(payload.bytes);
  return otlp_to_json(payload.signal, payload.bytes);
}

asio::awaitable<SendOutcome> KafkaExporter::send(Payload payload, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto& topic = topic_of(config_, payload.signal);
  auto message = encode(payload);
  if (!message) co_return SendOutcome{.kind = Kind::kRejected, .reason = message.error().what};
  if (message->size() > config_.max_message_bytes) {
    co_return SendOutcome{
        .kind = Kind::kTooLarge,
        .reason = fmt::format("a message of {} bytes is over max_message", message->size())};
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto news = prepare(executor, *message);
  if (!news) co_return SendOutcome{.kind = Kind::kUnreachable, .reason = news.error().what};
  co_return co_await deliver(topic, *std::move(message), *news, deadline);
}

asio::awaitable<SendOutcome> KafkaExporter::deliver(const std::string& topic,
                                                    std::string message,
                                                    News news,
                                                    Deadline deadline) {
  if (news == News::kOld) {
    if (auto outcome = take_events(topic, news)) co_return finish(*std::move(outcome));
  }
  if (!producer_->message()) {
    const int refused = producer_->produce(topic, key_, std::move(message));
    if (refused != 0) co_return finish(outcome_of_report(refused, topic));
  }
  // Looks before it waits: what a new producer has met at once woke nobody.
  while (true) {
    if (auto outcome = take_events(topic, News::kFresh)) co_return finish(*std::move(outcome));
    if (!co_await wait(*wake_, deadline)) co_return unanswered();
  }
}

// The outcome of the message under way, if it is known by now.
std::optional<SendOutcome> KafkaExporter::take_events(const std::string& topic, News news) {
  clear(producer_->wake_fd());
  std::optional<SendOutcome> outcome;
  while (const auto event = producer_->poll()) {
    switch (event->kind) {
      case Event::Kind::kReport:
        return outcome_of_report(event->code, topic);
      case Event::Kind::kFatal:
        return note_fatal(*event, topic);
      case Event::Kind::kError:
        if (auto ended = note_error(*event, news); ended && !outcome) outcome = std::move(ended);
        break;
    }
  }
  return outcome;
}

SendOutcome KafkaExporter::note_fatal(const Event& event, const std::string& topic) {
  ++fatals_;
  auto outcome = outcome_of_report(event.code, topic);
  outcome.kind = Kind::kRetry;
  if (std::exchange(fatal_, outcome.reason) != outcome.reason) {
    log_.warning("kafka",
                 "{}: a new producer is made, the {}. time since the start: {}",
                 name_,
                 fatals_,
                 broker_words(event.text));
  }
  return outcome;
}

// A refused login is an answer: asking on at the pace of a lost connection could lock the account.
std::optional<SendOutcome> KafkaExporter::note_error(const Event& event, News news) {
  if (trouble_.empty() || !says_only_down(event.code)) trouble_ = broker_words(event.text);
  if (news == News::kOld || !ends_attempt(event.code)) return std::nullopt;
  auto outcome = unanswered();
  if (is_login_refused(event.code)) {
    outcome.kind = Kind::kRetry;
    outcome.reason += login_hint(config_.login, KafkaProducer::library_version());
  }
  return outcome;
}

// Whatever has to be mended first, a new producer finds it mended: this one would remember that
// there is no such topic for minutes.
SendOutcome KafkaExporter::finish(SendOutcome outcome) {
  outcome.sent_bytes = producer_->take_sent_bytes();
  if (outcome.kind == Kind::kRetry) discard();
  if (outcome.kind == Kind::kAccepted) {
    trouble_.clear();
    fatal_.clear();
  }
  return outcome;
}

SendOutcome KafkaExporter::unanswered() const {
  SendOutcome outcome{.kind = Kind::kUnreachable, .reason = trouble_};
  if (trouble_.empty()) {
    outcome.reason =
        "no answer in time: a broker hangs, or the partition has no leader or too few replicas";
  }
  return outcome;
}

}  // namespace plumbline
