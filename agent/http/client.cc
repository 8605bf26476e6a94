// SPDX-License-Identifier: Apache-2.0
#include "agent/http/client.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "agent/http/content_coding.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kTelling = 16;  // bytes from which a protocol is guessed
constexpr std::size_t kMaxHeaderBytes = 32U << 10U;

Error no_answer(std::string what) {
  return {.code = Errc::kUnavailable, .what = std::move(what)};
}

std::string head_of(std::string_view method, const HttpRequest& request, const Url& url) {
  auto head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, request.target, url.authority());
  for (const auto& [name, value] : request.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (method != "GET") head.append(fmt::format("Content-Length: {}\r\n", request.body.size()));
  head.append("\r\n");
  return head;
}

// What the first bytes of something that is not HTTP/1.x tell.
std::string not_http(std::string_view bytes) {
  if (bytes.starts_with("\x15\x03")) return "the port speaks TLS: write https:// before it";
  const bool settings_frame =
      bytes.size() >= 4 && bytes.starts_with(std::string_view("\0\0", 2)) && bytes[3] == '\x04';
  if (settings_frame) return "the port speaks HTTP/2 only: is it the gRPC port (4317)?";
  return "the answer is not HTTP";
}

// The answer as it arrives.
class Incoming {
 public:
  explicit Incoming(std::size_t max_body) : max_body_(max_body) { start(); }

  std::size_t max_body() const { return max_body_; }

  bool empty() const { return !seen_; }
  bool is_done() const { return parser_->is_done(); }
  bool head_is_done() const { return parser_->is_header_done(); }
  bool too_long() const { return too_long_; }
  bool keep_alive() const { return parser_->keep_alive() && pending_.empty(); }
  Parser& parser() { return *parser_; }

  // Fails when the bytes are no HTTP/1.x answer.
  Result<> feed(std::string_view bytes) {
    seen_ = true;
    first_.append(bytes.substr(0, kTelling - std::min(kTelling, first_.size())));
    pending_.append(bytes);
    while (!pending_.empty() && !is_done() && !too_long_) {
      boost::system::error_code problem;
      const auto used = parser_->put(asio::buffer(pending_), problem);
      pending_.erase(0, used);
      if (problem == http::error::need_more) break;
      if (problem == http::error::body_limit) {
        too_long_ = true;
      } else if (problem) {
        return Error{.code = Errc::kMalformed, .what = explain(problem)};
      }
      if (is_done() && parser_->get().result_int() / 100 == 1) start();  // an interim answer
    }
    return {};
  }

  // Why there is no head although the peer has closed.
  std::string headless() const {
    return first_.starts_with("HTTP/") ? "the answer was cut short" : not_http(first_);
  }

  // The peer has closed, which ends a body whose length was not told.
  void end() {
    boost::system::error_code ignored;
    if (parser_->got_some()) parser_->put_eof(ignored);
  }

 private:
  void start() {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(max_body_);
  }
  std::string explain(const boost::system::error_code& problem) const {
    if (head_is_done()) return fmt::format("the answer's body is malformed: {}", problem.message());
    if (problem == http::error::bad_version) return not_http(first_);
    return fmt::format("the answer's head is malformed: {}", problem.message());
  }

  std::size_t max_body_;
  std::optional<Parser> parser_;
  std::string pending_;
  std::string first_;  // the bytes that tell what protocol this is
  bool seen_ = false;
  bool too_long_ = false;
};

asio::awaitable<void> forever() {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  co_await timer.async_wait(kAsTuple);
}

struct Written {
  bool wholly = false;
  std::optional<Error> broke;  // where a reset is told to the writer, the reader sees but an end
};

// Writes everything and then waits: only the answer ends an exchange, since a peer may answer and
// close before it has read all (413), and a write that breaks is followed by a read that does.
asio::awaitable<void> write_all(ByteStream& stream,
                                std::string_view head,
                                std::string_view body,
                                Written& written) {
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  if (auto sent = co_await stream.write(buffers); sent) {
    written.wholly = true;
  } else {
    written.broke = std::move(sent).error();
  }
  co_await forever();
}

asio::awaitable<Result<>> read_answer(ByteStream& stream, Incoming& incoming) {
  std::array<char, 8192> chunk{};
  while (!incoming.is_done() && !incoming.too_long()) {
    const auto size = co_await stream.read_some(asio::buffer(chunk));
    if (!size || *size == 0) {
      if (incoming.empty()) {
        co_return no_answer(size ? "the peer closed the connection without an answer"
                                 : size.error().what);
      }
      incoming.end();
      if (!incoming.head_is_done()) co_return no_answer(incoming.headless());
      co_return Result<>();
    }
    if (auto fed = incoming.feed({chunk.data(), *size}); !fed) co_return fed;
  }
  co_return Result<>();
}

HttpResponse finished(Incoming& incoming) {
  auto& message = incoming.parser().get();
  const auto text = [&message](http::field field) { return std::string(message[field]); };
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  response.content_type = text(http::field::content_type);
  response.retry_after = text(http::field::retry_after);
  response.location = text(http::field::location);
  for (const auto& field : message) {
    response.headers.emplace_back(field.name_string(), field.value());
  }
  if (incoming.too_long()) {
    response.state = HttpResponse::Body::kTooLong;
    return response;
  }
  if (!incoming.is_done()) response.state = HttpResponse::Body::kCutShort;
  const auto coding = text(http::field::content_encoding);
  if (coding.empty()) {
    response.body = std::move(message.body());
    return response;
  }
  auto plain = decompress(coding, message.body(), incoming.max_body());
  if (plain) {
    response.body = *std::move(plain);
  } else {
    response.state = plain.error().code == Errc::kExhausted ? HttpResponse::Body::kTooLong
                                                            : HttpResponse::Body::kMalformed;
  }
  return response;
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (boost::beast::iequals(key, name)) return value;
  }
  return {};
}

HttpClient::HttpClient(Url url, std::string server_name)
    : dialer_{.url = std::move(url), .tls = nullptr, .server_name = std::move(server_name)} {}

asio::awaitable<Result<HttpResponse>> HttpClient::attempt(const Call& call, Deadline deadline) {
  using asio::experimental::awaitable_operators::operator||;
  // Owned here while it is in use: an exchange that is cancelled closes its connection.
  auto stream = std::move(idle_);
  if (stream && stream->is_stale()) stream.reset();
  const bool reused = stream != nullptr;
  if (!stream) {
    auto opened = co_await open_stream(dialer_, deadline);
    if (!opened) co_return opened.error();
    stream = *std::move(opened);
  }
  Incoming incoming(call.max_response);
  Written written;
  const auto head = head_of(call.method, call.request, dialer_.url);
  auto read = co_await (read_answer(*stream, incoming) ||
                        write_all(*stream, head, call.request.body, written));
  const auto& outcome = std::get<0>(read);
  if (!outcome) {
    if (reused && incoming.empty()) co_return co_await attempt(call, deadline);
    co_return written.broke&& incoming.empty() ? *written.broke : outcome.error();
  }
  auto response = finished(incoming);
  const bool whole = incoming.is_done() && written.wholly;
  if (whole && incoming.keep_alive()) idle_ = std::move(stream);
  co_return response;
}

asio::awaitable<Result<HttpResponse>> HttpClient::post(const HttpRequest& request,
                                                       TlsContext tls,
                                                       Deadline deadline) {
  const Call call{.method = "POST", .request = request, .max_response = kMaxResponseBytes};
  co_return co_await perform(call, std::move(tls), deadline);
}

asio::awaitable<Result<HttpResponse>> HttpClient::get(std::string_view target,
                                                      const Headers& headers,
                                                      std::size_t max_response,
                                                      TlsContext tls,
                                                      Deadline deadline) {
  const HttpRequest request{.target = target, .headers = headers, .body = {}};
  const Call call{.method = "GET", .request = request, .max_response = max_response};
  co_return co_await perform(call, std::move(tls), deadline);
}

asio::awaitable<Result<HttpResponse>> HttpClient::perform(const Call& call,
                                                          TlsContext tls,
                                                          Deadline deadline) {
  if (tls != dialer_.tls) idle_.reset();
  dialer_.tls = std::move(tls);
  auto response = co_await run_until(deadline, attempt(call, deadline));
  if (response) co_return *std::move(response);
  co_return Error{.code = Errc::kTimeout,
                  .what = fmt::format("no answer from {} in time", dialer_.url.authority())};
}

Result<> check_header(std::string_view name, std::string_view value) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_character)) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("\"{}\" is not a header name", name)};
  }
  const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  if (clean) return {};
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("the value of header {} holds a control character", name)};
}

}  // namespace plumbline
