// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/fetch.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "agent/http/client.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> ask(Url server,
                          std::string_view target,
                          Deadline deadline,
                          Result<HttpResponse>& answer) {
  HttpClient client(std::move(server));
  const Headers headers{{"Accept", "application/json"}};
  answer = co_await client.get(target, headers, kMaxResponseBytes, TlsContext(), deadline);
}

}  // namespace

Result<std::string> fetch_json(const Url& server,
                               std::string_view target,
                               std::chrono::milliseconds timeout) {
  asio::io_context io(1);
  Result<HttpResponse> answer = Error{.code = Errc::kTimeout, .what = "no answer in time"};
  asio::co_spawn(io,
                 ask(server, target, std::chrono::steady_clock::now() + timeout, answer),
                 [](const std::exception_ptr& error) {
                   if (error) std::rethrow_exception(error);
                 });
  io.run();
  if (!answer) return answer.error();
  if (answer->status != 200 || answer->state != HttpResponse::Body::kWhole) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("{} answers {}", target, answer->status)};
  }
  return std::move(answer->body);
}

}  // namespace plumbline
