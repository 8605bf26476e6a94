// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "agent/http/stream.h"
#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/reader.h"
#include "collectors/kafka/wire/sasl.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

// What has crossed one cluster's connections since the agent started.
struct Traffic {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
};

// One answer, with the frame that the texts in it point into.
template <class T>
struct Reply {
  std::vector<char> frame;
  T value;
};

// One connection to one broker: requests are sent at once, one behind the other, and the broker
// answers them in their order. A request that is not answered by its deadline, an answer out of
// order or one that cannot be read ends the connection and fails whatever waits on it: nothing that
// comes later could be trusted. Lives on one thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // An answer for 100,000 partitions is 5 MB. Longer ones are refused before a byte is reserved.
  static constexpr std::int32_t kMaxFrame = 64 << 20;

  // Connects, learns which versions the broker speaks, and says who we are.
  static boost::asio::awaitable<Result<std::shared_ptr<Connection>>> open(
      const Dialer& dialer,
      const Credentials& credentials,
      std::shared_ptr<Traffic> traffic,
      Deadline deadline);

  Connection(std::unique_ptr<ByteStream> stream, std::string name, std::shared_ptr<Traffic> traffic)
      : stream_(std::move(stream)), name_(std::move(name)), traffic_(std::move(traffic)) {}

  // Whether the broker speaks this API in a version this client does.
  bool offers(ApiKey key) const { return version(key).has_value(); }
  std::optional<std::int16_t> version(ApiKey key) const { return common_version(key, versions_); }

  // kUnsupported: the broker does not know the API. kTimeout, kUnavailable, kMalformed: the
  // connection is over. Error codes of the broker are values in the answer.
  template <class Request>
  boost::asio::awaitable<Result<Reply<typename Request::Response>>> call(Request request,
                                                                         Deadline deadline) {
    const auto version = this->version(Request::kKey);
    if (!version) co_return unsupported(Request::kKey);
    co_return co_await call_version(std::move(request), *version, deadline);
  }

  bool is_open() const { return failure_.what.empty(); }
  const std::string& name() const { return name_; }
  void close() { fail({.code = Errc::kUnavailable, .what = name_ + ": closed"}); }

 private:
  struct Waiting {
    explicit Waiting(const boost::asio::any_io_executor& executor) : wake(executor) {}
    std::int32_t correlation = 0;
    boost::asio::steady_timer wake;
    std::optional<std::vector<char>> frame;
  };

  template <class Request>
  boost::asio::awaitable<Result<Reply<typename Request::Response>>> call_version(
      Request request, std::int16_t version, Deadline deadline) {
    const auto& api = kafka::api(Request::kKey);
    auto text = begin_request(api, version);
    Writer out(text, api.encoding(version));
    request.write(out, version);
    auto frame = co_await exchange(api, std::move(text), deadline);
    if (!frame) co_return std::move(frame).error();
    Reader in(std::string_view(frame->data(), frame->size()), api.encoding(version));
    in.i32();  // correlation id, checked by exchange()
    if (Request::kKey != ApiKey::kApiVersions) in.tags();
    auto value = Request::read(in, version);
    if (!in.ok()) {
      fail(malformed(api, frame->size()));
      co_return failure_;
    }
    co_return Reply<typename Request::Response>{.frame = *std::move(frame),
                                                .value = std::move(value)};
  }

  std::string begin_request(const Api& api, std::int16_t version);
  // Sends a finished request and waits for the frame of its answer.
  boost::asio::awaitable<Result<std::vector<char>>> exchange(const Api& api,
                                                             std::string text,
                                                             Deadline deadline);
  boost::asio::awaitable<Result<>> negotiate(Deadline deadline);
  boost::asio::awaitable<Result<>> authenticate(const Credentials& credentials,
                                                const std::string& host,
                                                Deadline deadline);
  boost::asio::awaitable<void> write_loop();
  boost::asio::awaitable<void> read_loop();
  boost::asio::awaitable<Result<>> read_exactly(char* to, std::size_t size);
  Result<> deliver(std::vector<char> frame);

  // The first failure counts; ends everything that waits.
  void fail(Error error);
  Error unsupported(ApiKey key) const;
  Error malformed(const Api& api, std::size_t size) const;

  std::unique_ptr<ByteStream> stream_;
  std::string name_;
  std::shared_ptr<Traffic> traffic_;  // outlives its owner while a coroutine still hangs on it
  std::vector<VersionRange> versions_;
  std::deque<std::shared_ptr<Waiting>> waiting_;  // in the order of their requests
  std::string unsent_;
  std::vector<char> input_;  // read ahead of the frame in progress
  std::size_t input_used_ = 0;
  bool writing_ = false;
  std::int32_t next_correlation_ = 1;
  Error failure_{};  // empty: none yet
};

}  // namespace plumbline::kafka
