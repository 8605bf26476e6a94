// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/http/client.h"
#include "collectors/clickhouse/table.h"

namespace plumbline::clickhouse {

// Settings of one query, by name.
using Settings = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  Table table;
  // What the query cost the server; servers before 19.x do not tell.
  std::optional<std::uint64_t> read_rows;
};

// The last expression of every query: what a row ends with shows that it is whole, and that no
// exception begins inside it.
inline constexpr std::string_view kWhole = "1 AS whole";

// Asks one server over its HTTP interface, one query at a time over one connection.
class Client {
 public:
  Client(const ClickHouseConfig& config, Url url, TrustSets& trust, Log& log);

  // "http://ch1:8123", for messages.
  std::string name() const;
  const Url& url() const { return url_; }

  // `sql` is a SELECT whose last expression is kWhole; the answer is without it.
  // Errors: kUnavailable (no answer), kTimeout, kDenied (password, right), kExhausted (the server
  // or our limits are full), kUnsupported (no such table, column or setting), kMalformed. Their
  // text carries no literal of a query and no secret.
  boost::asio::awaitable<Result<Answer>> query(std::string sql,
                                               Settings settings,
                                               Deadline deadline);

 private:
  Result<Headers> headers();

  Url url_;
  std::string user_;
  std::unique_ptr<Watched<std::string>> password_;  // null: none
  std::shared_ptr<Watched<TlsContext>> trust_;      // null: no TLS
  bool compression_;
  HttpClient http_;
};

// `text` as a string literal and as an identifier of ClickHouse's SQL, whatever is in it.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view text);

}  // namespace plumbline::clickhouse
