// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/collectors/kafka/scripted_broker.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "agent/http/deadline.h"

namespace plumbline::kafka {

namespace asio = boost::asio;
using asio::ip::tcp;

ScriptedBroker::ScriptedBroker(asio::io_context& io, Answer answer)
    : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      answer_(std::move(answer)) {
  for (const auto& known : all_apis()) {
    versions.push_back({.key = known.key, .min = 0, .max = known.max_version});
  }
  asio::co_spawn(io, accept(), asio::detached);
}

std::size_t ScriptedBroker::count(ApiKey key) const {
  return static_cast<std::size_t>(std::count_if(
      requests_.begin(), requests_.end(), [&](const auto& request) { return request.key == key; }));
}

asio::awaitable<void> ScriptedBroker::accept() {
  while (true) {
    auto [problem, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (problem) co_return;
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

std::string ScriptedBroker::answer_versions(const Request& request) const {
  std::string body;
  Writer out(body, api(request.key).encoding(request.version));
  out.i16(0);
  out.array(versions, [&](const VersionRange& range) {
    out.i16(static_cast<std::int16_t>(range.key));
    out.i16(range.min);
    out.i16(range.max);
    out.tags();
  });
  if (request.version >= 1) out.i32(0);
  out.tags();
  return body;
}

asio::awaitable<void> ScriptedBroker::serve(tcp::socket socket) {
  while (true) {
    std::array<char, 4> prefix{};
    const auto [no_size, n] = co_await asio::async_read(socket, asio::buffer(prefix), kAsTuple);
    if (no_size) co_return;
    std::string frame(
        static_cast<std::size_t>(Reader({prefix.data(), 4}, Encoding::kClassic).i32()), '\0');
    const auto [no_frame, m] = co_await asio::async_read(socket, asio::buffer(frame), kAsTuple);
    if (no_frame) co_return;
    Reader header(frame, Encoding::kClassic);
    Request request{};
    request.key = static_cast<ApiKey>(header.i16());
    request.version = header.i16();
    request.correlation = header.i32();
    header.string();
    request.body = frame.substr(frame.size() - header.left());
    requests_.push_back(request);
    const auto body =
        request.key == ApiKey::kApiVersions ? answer_versions(request) : answer_(request);
    if (!body) continue;
    std::string text;
    Writer out(text, Encoding::kClassic);
    const auto& known = api(request.key);
    const bool tagged = known.encoding(request.version) == Encoding::kFlexible &&
                        request.key != ApiKey::kApiVersions;
    out.i32(static_cast<std::int32_t>(body->size() + 4 + (tagged ? 1 : 0)));
    out.i32(request.correlation);
    if (tagged) out.i8(0);
    text += *body;
    if (spoil) text = spoil(request, text);
    co_await asio::async_write(socket, asio::buffer(text), kAsTuple);
  }
}

std::string metadata_body(std::uint16_t port,
                          const std::vector<std::pair<std::string, int>>& topics,
                          int brokers) {
  std::string body;
  Writer out(body, Encoding::kFlexible);
  out.i32(0);
  out.array_size(static_cast<std::size_t>(brokers));
  for (int i = 0; i < brokers; ++i) {
    out.i32(i + 1);
    out.string("127.0.0.1");
    out.i32(port);
    out.null_string();
    out.tags();
  }
  out.string("cluster");
  out.i32(1);
  out.array(topics, [&](const auto& topic) {
    out.i16(0);
    out.string(topic.first);
    out.uuid({1});
    out.boolean(false);
    out.array_size(static_cast<std::size_t>(topic.second));
    for (int p = 0; p < topic.second; ++p) {
      out.i16(0);
      out.i32(p);
      out.i32(p % brokers + 1);
      out.i32(0);
      out.array_size(1);
      out.i32(1);
      out.array_size(1);
      out.i32(1);
      out.array_size(0);
      out.tags();
    }
    out.i32(0);
    out.tags();
  });
  out.tags();
  return body;
}

std::string list_groups_body(const std::vector<std::string>& groups) {
  std::string body;
  Writer out(body, Encoding::kFlexible);
  out.i32(0);
  out.i16(0);
  out.array(groups, [&](const std::string& group) {
    out.string(group);
    out.string("consumer");
    out.string("Empty");
    out.string("classic");
    out.tags();
  });
  out.tags();
  return body;
}

std::string offset_fetch_body(const std::vector<std::string>& groups,
                              const std::string& topic,
                              int partitions,
                              std::int64_t offset) {
  std::string body;
  Writer out(body, Encoding::kFlexible);
  out.i32(0);
  out.array(groups, [&](const std::string& group) {
    out.string(group);
    out.array_size(1);
    out.string(topic);
    out.array_size(static_cast<std::size_t>(partitions));
    for (int p = 0; p < partitions; ++p) {
      out.i32(p);
      out.i64(offset);
      out.i32(-1);
      out.string("");
      out.i16(0);
      out.tags();
    }
    out.tags();
    out.i16(0);
    out.tags();
  });
  out.tags();
  return body;
}

std::string list_offsets_body(const std::vector<std::pair<std::string, int>>& topics,
                              std::int64_t offset,
                              std::int16_t error) {
  std::string body;
  Writer out(body, Encoding::kFlexible);
  out.i32(0);
  out.array(topics, [&](const auto& topic) {
    out.string(topic.first);
    out.array_size(static_cast<std::size_t>(topic.second));
    for (int p = 0; p < topic.second; ++p) {
      out.i32(p);
      out.i16(error);
      out.i64(-1);
      out.i64(error == 0 ? offset : -1);
      out.i32(-1);
      out.tags();
    }
    out.tags();
  });
  out.tags();
  return body;
}

std::string describe_groups_body(const std::vector<std::string>& groups) {
  std::string body;
  Writer out(body, Encoding::kFlexible);
  out.i32(0);
  out.array(groups, [&](const std::string& group) {
    out.i16(0);
    out.string(group);
    out.string("Empty");
    out.string("consumer");
    out.string("");
    out.array_size(0);
    out.i32(0);
    out.tags();
  });
  out.tags();
  return body;
}

}  // namespace plumbline::kafka
