// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/core/attribute.h"
#include "agent/core/event.h"
#include "agent/core/span.h"
#include "collectors/clickhouse/record_log.h"

namespace plumbline::clickhouse {

// Of whom a record speaks.
struct Place {
  std::string address;
  std::int64_t port = 0;  // 0: not known
  EntityRef entity;
};

// A query of system.query_log as the span of the server that answered it. Its parent is the span of
// the caller who said which it is; else it is a trace of its own. nullopt: not such a record.
std::optional<Span> query_span(const Record& record, const Place& place);

// A span of system.opentelemetry_span_log. Only those of its attributes are kept that are known to
// hold no data of queries, and numbers.
std::optional<Span> server_span(const Record& record, const Place& place);

// The event that a query failed, without count and time of observation. `span`: that of the query.
Event query_failure(const Record& record, const Span& span);

}  // namespace plumbline::clickhouse
