// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "collectors/kafka/wire/api.h"
#include "collectors/kafka/wire/writer.h"

namespace plumbline::kafka {

// A broker whose answers a test writes: real bytes over a real socket of the loopback, on the
// client's own thread. Out of the box it answers ApiVersions with what this client speaks.
class ScriptedBroker {
 public:
  struct Request {
    ApiKey key;
    std::int16_t version;
    std::int32_t correlation;
    std::string body;  // behind the header
  };
  // The body of the answer, without length and correlation id; nullopt: no answer at all.
  using Answer = std::function<std::optional<std::string>(const Request&)>;

  ScriptedBroker(boost::asio::io_context& io, Answer answer);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::vector<Request>& requests() const { return requests_; }
  std::size_t count(ApiKey key) const;

  // Instead of proper frames: what goes over the wire for an answer.
  std::function<std::string(const Request&, const std::string& frame)> spoil;
  // Versions to offer instead of all of this client's.
  std::vector<VersionRange> versions;

 private:
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  std::string answer_versions(const Request& request) const;

  boost::asio::ip::tcp::acceptor acceptor_;
  Answer answer_;
  std::vector<Request> requests_;
};

// Bodies of answers, each in the version this client asks for first.
std::string metadata_body(std::uint16_t port,
                          const std::vector<std::pair<std::string, int>>& topics,
                          int brokers = 1);
std::string list_groups_body(const std::vector<std::string>& groups);
// Every group has committed `offset` on partition 0 to `partitions` - 1 of `topic`.
std::string offset_fetch_body(const std::vector<std::string>& groups,
                              const std::string& topic,
                              int partitions,
                              std::int64_t offset);
// Each of the topics' partitions ends at `offset`.
std::string list_offsets_body(const std::vector<std::pair<std::string, int>>& topics,
                              std::int64_t offset,
                              std::int16_t error = 0);
std::string describe_groups_body(const std::vector<std::string>& groups);

}  // namespace plumbline::kafka
