// SPDX-License-Identifier: Apache-2.0
//
// What an answer means for the request, by the rules of the OTLP specification. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/clock.h"
#include "agent/http/client.h"
#include "agent/http/grpc_client.h"
#include "exporters/exporter.h"

namespace plumbline {

SendOutcome outcome_of(const GrpcReply& reply);
// `now`: wall time, for a Retry-After that is a date.
SendOutcome outcome_of(const HttpResponse& response, UnixNanos now);
// No answer came.
SendOutcome outcome_of(const Error& error);

// Whether OTLP lets this status be sent again. RESOURCE_EXHAUSTED only when the server said that it
// will recover.
enum class RetryInfo : std::uint8_t { kAbsent, kPresent };
bool is_retryable(GrpcCode code, RetryInfo retry_info);
bool is_retryable_http(int status);

// The partial_success of an Export{Metrics,Trace,Logs}ServiceResponse; all three have one shape.
struct PartialSuccess {
  std::uint64_t rejected = 0;
  std::string message;
};
Result<PartialSuccess> decode_export_response(std::string_view bytes);

// Foreign text, fit to be logged: valid UTF-8, one line, at most 200 bytes of it.
std::string excerpt(std::string_view text);

}  // namespace plumbline
