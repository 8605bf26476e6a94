// SPDX-License-Identifier: Apache-2.0
#include "agent/http/server.h"

#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

namespace plumbline {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr std::size_t kConnectionsMax = 64;
constexpr std::uint32_t kHeaderBytesMax = 16U << 10U;
constexpr std::chrono::seconds kIdle{15};
constexpr std::chrono::milliseconds kAcceptPause{100};

Result<tcp::endpoint> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto malformed = [&] {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("'{}' is not an address to listen on; expected ADDRESS:PORT, "
                                     "such as 127.0.0.1:9464 or [::1]:9464",
                                     text)};
  };
  if (colon == std::string_view::npos) return malformed();
  auto host = std::string(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") host = "127.0.0.1";
  unsigned port = 0;
  const auto digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5) return malformed();
  for (const char c : digits) {
    if (c < '0' || c > '9') return malformed();
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error || port > 65'535) return malformed();
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

}  // namespace

// Shared with the coroutines of the connections, so that a late completion finds it alive.
class HttpServer::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(asio::any_io_executor executor) : executor_(executor), acceptor_(executor) {}

  Result<> listen(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      acceptor_.close();
      return errno_error(
          error.value(),
          fmt::format("cannot listen on {}:{}", endpoint.address().to_string(), endpoint.port()));
    }
    asio::co_spawn(executor_, accept(shared_from_this()), asio::detached);
    return {};
  }

  void stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto* stream : streams_) stream->close();
  }

  std::map<std::string, Handler, std::less<>> routes;
  std::uint64_t requests = 0;

  std::string address() const {
    boost::system::error_code error;
    const auto endpoint = acceptor_.local_endpoint(error);
    if (error) return "";
    return endpoint.address().is_v6()
               ? fmt::format("[{}]:{}", endpoint.address().to_string(), endpoint.port())
               : fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
  }

 private:
  using Response = http::response<http::string_body>;

  static asio::awaitable<void> accept(std::shared_ptr<State> self) {
    while (self->acceptor_.is_open()) {
      boost::system::error_code error;
      auto socket =
          co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // out of descriptors, mostly: trying at once would burn the CPU
        asio::steady_timer pause(self->executor_, kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (self->streams_.size() >= kConnectionsMax) continue;  // the socket closes itself
      asio::co_spawn(self->executor_, serve(self, std::move(socket)), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> self, tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    self->streams_.insert(&stream);
    co_await self->converse(stream);
    self->streams_.erase(&stream);
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  }

  asio::awaitable<void> converse(beast::tcp_stream& stream) {
    beast::flat_buffer buffer(kHeaderBytesMax);
    for (bool keep = true; keep;) {
      http::request_parser<http::empty_body> parser;
      parser.header_limit(kHeaderBytesMax);
      parser.body_limit(0);
      boost::system::error_code error;
      stream.expires_after(kIdle);
      co_await http::async_read(
          stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      if (error == http::error::end_of_stream || error == beast::error::timeout) co_return;
      auto response =
          error ? refuse(http::status::bad_request, "bad request\n") : answer(parser.get());
      keep = !error && parser.get().keep_alive();
      response.keep_alive(keep);
      const bool head = !error && parser.get().method() == http::verb::head;
      response.prepare_payload();
      if (head) response.body().clear();
      http::response_serializer<http::string_body> serializer(response);
      serializer.split(head);
      stream.expires_after(kIdle);
      if (head) {
        co_await http::async_write_header(
            stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      } else {
        co_await http::async_write(
            stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      }
      if (error) co_return;
    }
  }

  Response answer(const http::request<http::empty_body>& request) {
    ++requests;
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return refuse(http::status::method_not_allowed, "only GET and HEAD\n");
    }
    const std::string_view target(request.target().data(), request.target().size());
    const auto question = target.find('?');
    const PageRequest asked{.path = std::string(target.substr(0, question)),
                            .query = question == std::string_view::npos
                                         ? std::string()
                                         : std::string(target.substr(question + 1)),
                            .accept = std::string(request[http::field::accept])};
    const auto route = routes.find(asked.path);
    if (route == routes.end()) return refuse(http::status::not_found, "no such page\n");
    return made(route->second(asked));
  }

  static Response made(Page from) {
    Response response(static_cast<http::status>(from.status), 11);
    response.set(http::field::content_type, from.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.body() = std::move(from.body);
    return response;
  }

  static Response refuse(http::status status, std::string_view text) {
    return made({.status = static_cast<unsigned>(status), .body = std::string(text)});
  }

  asio::any_io_executor executor_;
  tcp::acceptor acceptor_;
  std::set<beast::tcp_stream*> streams_;
};

HttpServer::HttpServer(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

HttpServer::~HttpServer() {
  state_->stop();
}

void HttpServer::route(std::string path, Handler handler) {
  state_->routes.insert_or_assign(std::move(path), std::move(handler));
}

Result<> HttpServer::listen(std::string_view address) {
  const auto endpoint = parse_address(address);
  if (!endpoint) return endpoint.error();
  return state_->listen(endpoint.value());
}

std::string HttpServer::address() const {
  return state_->address();
}

void HttpServer::stop() {
  state_->stop();
}

std::uint64_t HttpServer::requests() const {
  return state_->requests;
}

}  // namespace plumbline
