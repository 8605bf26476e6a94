// SPDX-License-Identifier: Apache-2.0
#include "agent/http/resolve.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include "agent/core/fd.h"
#include "agent/http/deadline.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

// Shared by the thread that looks up and the coroutine that waits; the thread writes, then tells
// by `done`, the coroutine reads after that.
struct Lookup {
  std::string host;
  std::uint16_t port = 0;
  Endpoints endpoints;
  int problem = 0;  // EAI_…
  Fd done;
};

void look_up(Lookup& lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  lookup.problem =
      ::getaddrinfo(lookup.host.c_str(), std::to_string(lookup.port).c_str(), &hints, &found);
  if (lookup.problem != 0) return;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    lookup.endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
}

Error failed(std::string_view host, std::string_view why) {
  return {.code = Errc::kUnavailable, .what = fmt::format("cannot look up {}: {}", host, why)};
}

}  // namespace

asio::awaitable<Result<Endpoints>> resolve(const Url& url) {
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(url.host, not_numeric);
  if (!not_numeric) co_return Endpoints{{address, url.port}};

  auto lookup = std::make_shared<Lookup>();
  lookup->host = url.host;
  lookup->port = url.port;
  lookup->done.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const int waiting = ::fcntl(lookup->done.get(), F_DUPFD_CLOEXEC, 0);
  if (waiting < 0) co_return failed(url.host, "no file descriptor left");
  asio::posix::stream_descriptor done(co_await asio::this_coro::executor, waiting);
  try {
    std::thread([lookup] {
      look_up(*lookup);
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto n = ::write(lookup->done.get(), &one, sizeof(one));
    }).detach();
  } catch (const std::system_error&) {
    co_return failed(url.host, "no thread to be had");
  }
  const auto [problem] =
      co_await done.async_wait(asio::posix::stream_descriptor::wait_read, kAsTuple);
  if (problem) co_return failed(url.host, problem.message());
  if (lookup->problem != 0) co_return failed(url.host, ::gai_strerror(lookup->problem));
  if (lookup->endpoints.empty()) co_return failed(url.host, "it has no address");
  co_return std::move(lookup->endpoints);
}

}  // namespace plumbline
