// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/fetch.h"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "agent/http/client.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> ask(Url url, Fetch what, Result<HttpResponse>& answer) {
  const auto deadline = std::chrono::steady_clock::now() + what.timeout;
  HttpClient client(std::move(url));
  const Headers headers{{"Accept", "application/json"}};
  answer = co_await client.get(
      what.target, headers, what.most_bytes.value_or(kMaxResponseBytes), TlsContext(), deadline);
}

}  // namespace

Result<std::string> fetch(const Url& url, const Fetch& what) {
  asio::io_context io(1);
  Result<HttpResponse> answer = Error{.code = Errc::kTimeout, .what = "no answer in time"};
  asio::co_spawn(io, ask(url, what, answer), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
  if (!answer) return answer.error();
  if (answer->status != 200 || answer->state != HttpResponse::Body::kWhole) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("it answers {} {}", answer->status, what.target)};
  }
  return std::move(answer->body);
}

}  // namespace plumbline
