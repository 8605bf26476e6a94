// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/client.h"

#include <charconv>

#include <fmt/format.h>

#include "agent/http/text.h"
#include "collectors/clickhouse/exception.h"

namespace plumbline::clickhouse {
namespace {

namespace asio = boost::asio;

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// wait_end_of_query: a failure becomes the status of the answer as long as it fits the server's
// buffer, instead of a text behind the rows.
std::string target(const Url& url, const Settings& settings) {
  auto out = url.path.empty() ? std::string("/") : url.path;
  out += "?default_format=TabSeparatedWithNamesAndTypes&database=system&wait_end_of_query=1";
  for (const auto& [name, value] : settings) {
    out += fmt::format("&{}={}", percent_encoded(name), percent_encoded(value));
  }
  return out;
}

// The number that stands as text behind "read_rows":. The header is JSON without spaces.
std::optional<std::uint64_t> read_rows(std::string_view summary) {
  constexpr std::string_view kKey = "\"read_rows\":";
  const auto at = summary.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  auto text = summary.substr(at + kKey.size());
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

Error error_of(const HttpResponse& response) {
  if (auto exception = exception_of(response.body)) return std::move(*exception);
  const auto code = response.header("X-ClickHouse-Exception-Code");
  if (auto exception = exception_of(fmt::format("Code: {}", code)); exception && !code.empty()) {
    return std::move(*exception);
  }
  return {.code = response.status == 429 || response.status == 503 ? Errc::kExhausted
                                                                   : Errc::kUnavailable,
          .what = fmt::format("HTTP status {} without an exception: is it ClickHouse?",
                              response.status)};
}

// Takes the last column off, which shows that a row is whole.
Result<> strip_whole(Table& table) {
  for (auto& row : table.rows) {
    const auto end = std::move(row.back());
    row.pop_back();
    if (end == "1") continue;
    if (auto exception = exception_of(end.value_or(""))) return std::move(*exception);
    return Error{.code = Errc::kMalformed, .what = "a row of the answer does not end as asked"};
  }
  table.names.pop_back();
  table.types.pop_back();
  return {};
}

Result<Answer> answer_of(const HttpResponse& response) {
  switch (response.state) {
    case HttpResponse::Body::kTooLong:
      return Error{.code = Errc::kMalformed, .what = "the answer is larger than 4 MiB"};
    case HttpResponse::Body::kMalformed:
      return Error{.code = Errc::kMalformed, .what = "the answer cannot be decompressed"};
    case HttpResponse::Body::kCutShort:
    case HttpResponse::Body::kWhole:
      break;
  }
  if (response.status != 200) return error_of(response);
  auto table = read_table(response.body);
  if (!table) return std::move(table).error();
  TRY(strip_whole(*table));
  if (response.state == HttpResponse::Body::kCutShort) {
    return Error{.code = Errc::kMalformed, .what = "the answer was cut short"};
  }
  return Answer{.table = *std::move(table),
                .read_rows = read_rows(response.header("X-ClickHouse-Summary"))};
}

Result<std::string> read_password(const std::string& path) {
  auto text = read_small_file(path);
  if (!text) return std::move(text).error();
  return std::string(trim(*text));
}

// A string literal and a quoted identifier differ in the quote only.
std::string quoted_by(char quote, std::string_view text) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\\' || c == quote) out.push_back('\\');
    out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

}  // namespace

Client::Client(const ClickHouseConfig& config, Url url, TrustSets& trust, Log& log)
    : url_(url),
      user_(config.user),
      compression_(config.compression),
      http_(std::move(url), config.server_name) {
  if (!config.password_file.empty()) {
    password_ = std::make_unique<Watched<std::string>>(
        std::vector{config.password_file},
        [path = config.password_file] { return read_password(path); },
        log);
  }
  if (url_.tls()) {
    trust_ = trust.get({.ca_file = config.ca_file,
                        .certificate_file = config.certificate_file,
                        .key_file = config.key_file});
  }
}

std::string Client::name() const {
  return fmt::format("{}://{}", url_.scheme, url_.authority());
}

Result<Headers> Client::headers() {
  Headers headers{{"User-Agent", "plumbline"}, {"Content-Type", "text/plain; charset=UTF-8"}};
  if (compression_) headers.emplace_back("Accept-Encoding", "gzip");
  if (!user_.empty()) headers.emplace_back("X-ClickHouse-User", user_);
  if (password_) {
    auto password = password_->get();
    if (!password) return std::move(password).error();
    TRY(check_header("X-ClickHouse-Key", *password));
    headers.emplace_back("X-ClickHouse-Key", *std::move(password));
  }
  return headers;
}

asio::awaitable<Result<Answer>> Client::query(std::string sql,
                                              Settings settings,
                                              Deadline deadline) {
  const auto headers = this->headers();
  if (!headers) co_return headers.error();
  TlsContext tls;
  if (trust_) {
    auto context = trust_->get();
    if (!context) co_return context.error();
    tls = *std::move(context);
  }
  const auto path = target(url_, settings);
  const HttpRequest request{.target = path, .headers = *headers, .body = sql};
  const auto response = co_await http_.post(request, std::move(tls), deadline);
  if (!response) co_return response.error();
  co_return answer_of(*response);
}

std::string sql_text(std::string_view text) {
  return quoted_by('\'', text);
}

std::string sql_name(std::string_view text) {
  return quoted_by('`', text);
}

}  // namespace plumbline::clickhouse
