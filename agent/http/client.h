// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/result.h"
#include "agent/http/stream.h"

namespace plumbline {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Of an answer to a request that names no limit of its own: those are a few hundred bytes; OTLP
// asks for a limit of 4 MiB, decompressed.
inline constexpr std::size_t kMaxResponseBytes = 4U << 20U;

struct HttpRequest {
  std::string_view target;  // path and query
  const Headers& headers;   // without Host and Content-Length
  std::string_view body;
};

struct HttpResponse {
  enum class Body : std::uint8_t { kWhole, kCutShort, kTooLong, kMalformed };

  int status = 0;
  Body state = Body::kWhole;
  std::string content_type;
  std::string retry_after;
  std::string location;
  std::string body;  // decompressed; empty when it is too long or malformed
  Headers headers;   // all of them, as the peer spelled them

  // The value of the first header of that name, whatever its case; empty when there is none.
  std::string_view header(std::string_view name) const;
};

// HTTP/1.1 to one destination over one connection that is kept between requests. Follows no
// redirect: credentials go to nobody but whom they are for. One request at a time.
class HttpClient {
 public:
  explicit HttpClient(Url url, std::string server_name = {});

  // Sends a POST and reads the answer, whatever its status. `tls` is the context to use for this
  // request; when it is not the one of the open connection, a new one is opened. A connection that
  // the peer closed while it was idle is replaced without a word. Fails when no answer came.
  boost::asio::awaitable<Result<HttpResponse>> post(const HttpRequest& request,
                                                    TlsContext tls,
                                                    Deadline deadline);

  // The same with a GET; an answer of more than `max_response` bytes, decompressed, is kTooLong.
  boost::asio::awaitable<Result<HttpResponse>> get(std::string_view target,
                                                   const Headers& headers,
                                                   std::size_t max_response,
                                                   TlsContext tls,
                                                   Deadline deadline);

 private:
  struct Call {
    std::string_view method;
    const HttpRequest& request;
    std::size_t max_response;
  };

  boost::asio::awaitable<Result<HttpResponse>> perform(const Call& call,
                                                       TlsContext tls,
                                                       Deadline deadline);
  boost::asio::awaitable<Result<HttpResponse>> attempt(const Call& call, Deadline deadline);

  Dialer dialer_;
  std::unique_ptr<ByteStream> idle_;
};

// Nothing when `name` and `value` may stand in a request, else why not.
Result<> check_header(std::string_view name, std::string_view value);

}  // namespace plumbline
