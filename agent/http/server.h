// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "agent/core/result.h"

namespace plumbline {

struct PageRequest {
  std::string path;   // without the query: "/api/v1/status"
  std::string query;  // what stands behind '?', not decoded
  std::string accept;
};

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// The agent's own HTTP/1.1 server: read-only (GET and HEAD), few connections, small requests, all
// on the agent thread. A handler answers at once from what the agent holds in memory.
//
// Bounds: 64 connections, 16 KiB of headers, no request body, 15 s without a request closes the
// connection. Beyond them a client is refused, never waited for.
class HttpServer {
 public:
  using Handler = std::function<Page(const PageRequest&)>;

  // `executor` is the agent thread's.
  explicit HttpServer(boost::asio::any_io_executor executor);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  HttpServer(HttpServer&&) = delete;
  HttpServer& operator=(HttpServer&&) = delete;
  ~HttpServer();

  // Exact paths. Add all of them before listen().
  void route(std::string path, Handler handler);

  // `address`: "127.0.0.1:9464", "[::1]:0", "localhost:9464"; port 0 takes a free one. Errors:
  // kMalformed (no such form), kUnavailable (the port is taken), kDenied.
  Result<> listen(std::string_view address);

  // host:port as bound, after listen().
  std::string address() const;

  // Closes the listener and every connection. The server may be destroyed afterwards.
  void stop();

  std::uint64_t requests() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace plumbline
