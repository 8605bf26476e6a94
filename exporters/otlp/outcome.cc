// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/outcome.h"

#include <algorithm>

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/http/retry_after.h"
#include "agent/http/text.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr std::size_t kMaxExcerpt = 200;

PartialSuccess decode_partial(protozero::pbf_reader message) {
  PartialSuccess partial;
  while (message.next()) {
    if (message.tag_and_type() == tag_and_type(1, pbf_wire_type::varint)) {
      partial.rejected = static_cast<std::uint64_t>(std::max<std::int64_t>(0, message.get_int64()));
    } else if (message.tag_and_type() == tag_and_type(2, pbf_wire_type::length_delimited)) {
      partial.message = message.get_string();
    } else {
      message.skip();
    }
  }
  return partial;
}

SendOutcome accepted(std::string_view body) {
  SendOutcome outcome;
  auto partial = decode_export_response(body);
  if (!partial) {
    outcome.reason = fmt::format("accepted, but {}", partial.error().what);
    return outcome;
  }
  outcome.rejected = partial->rejected;
  outcome.reason = excerpt(partial->message);
  return outcome;
}

// Servers say it in words only: grpc-go and grpc++ "larger than max", Java "exceeds maximum size".
// The Collector answers an HTTP body over its limit not with 413 but with 400 and the words of Go's
// http.MaxBytesError.
bool says_too_large(std::string_view message) {
  const auto lower = lower_case(message);
  return lower.find("larger than max") != std::string::npos ||
         lower.find("exceeds maximum size") != std::string::npos ||
         lower.find("request body too large") != std::string::npos;
}

bool is_protobuf(const HttpResponse& response) {
  return response.content_type.starts_with("application/x-protobuf") ||
         response.content_type.starts_with("application/protobuf");
}

// What an error body says: a google.rpc.Status, else whatever it is (a proxy's page).
std::string said(const HttpResponse& response) {
  if (response.state != HttpResponse::Body::kWhole || response.body.empty()) return {};
  if (is_protobuf(response)) {
    const auto status = decode_rpc_status(response.body);
    return status ? excerpt(status->message) : std::string();
  }
  return excerpt(response.body);
}

std::string describe(const HttpResponse& response) {
  auto text = fmt::format("HTTP status {}", response.status);
  if (response.status == 404) {
    text.append(", so there is no OTLP receiver at this path");
  } else if (response.status / 100 == 3) {
    text.append(fmt::format(", a redirect to {}, which is not followed: configure that address",
                            excerpt(response.location)));
  }
  const auto words = said(response);
  return words.empty() ? text : fmt::format("{}: {}", text, words);
}

}  // namespace

std::string excerpt(std::string_view text) {
  const bool cut = text.size() > kMaxExcerpt;
  auto clean = escape_line(valid_utf8(text.substr(0, kMaxExcerpt)));
  if (cut) clean.append("…");
  return clean;
}

bool is_retryable(GrpcCode code, RetryInfo retry_info) {
  switch (code) {
    case GrpcCode::kCancelled:
    case GrpcCode::kDeadlineExceeded:
    case GrpcCode::kAborted:
    case GrpcCode::kOutOfRange:
    case GrpcCode::kUnavailable:
    case GrpcCode::kDataLoss:
      return true;
    case GrpcCode::kResourceExhausted:
      return retry_info == RetryInfo::kPresent;
    default:
      return false;
  }
}

bool is_retryable_http(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

Result<PartialSuccess> decode_export_response(std::string_view bytes) {
  PartialSuccess partial;
  try {
    protozero::pbf_reader message(bytes.data(), bytes.size());
    while (message.next()) {
      if (message.tag_and_type() == tag_and_type(1, pbf_wire_type::length_delimited)) {
        partial = decode_partial(message.get_message());
      } else {
        message.skip();
      }
    }
  } catch (const protozero::exception&) {
    return Error{.code = Errc::kMalformed,
                 .what = "the answer's body is not an OTLP export response"};
  }
  return partial;
}

SendOutcome outcome_of(const GrpcReply& reply) {
  SendOutcome outcome;
  const auto& status = reply.status;
  if (status.code == GrpcCode::kOk) {
    if (reply.state == GrpcReply::Message::kWhole) {
      outcome = accepted(reply.message);
    } else {
      outcome.reason = "accepted, but the answer's message is missing or malformed";
    }
    outcome.sent_bytes = reply.sent_bytes;
    return outcome;
  }
  outcome.sent_bytes = reply.sent_bytes;
  outcome.reason = fmt::format("{}: {}", to_string(status.code), excerpt(status.message));
  const auto retry_info = status.retry_delay ? RetryInfo::kPresent : RetryInfo::kAbsent;
  if (status.code == GrpcCode::kResourceExhausted && says_too_large(status.message)) {
    outcome.kind = Kind::kTooLarge;
  } else if (is_retryable(status.code, retry_info)) {
    outcome.kind = Kind::kRetry;
    outcome.retry_after = status.retry_delay;
  } else {
    outcome.kind = Kind::kRejected;
  }
  return outcome;
}

SendOutcome outcome_of(const HttpResponse& response, UnixNanos now) {
  SendOutcome outcome;
  if (response.status / 100 == 2) {
    if (response.state == HttpResponse::Body::kWhole) return accepted(response.body);
    outcome.reason = "accepted, but the answer's body is too long or malformed";
    return outcome;
  }
  outcome.reason = describe(response);
  if (response.status == 413 || (response.status == 400 && says_too_large(outcome.reason))) {
    outcome.kind = Kind::kTooLarge;
  } else if (is_retryable_http(response.status)) {
    outcome.kind = Kind::kRetry;
    outcome.retry_after = parse_retry_after(response.retry_after, now);
  } else {
    outcome.kind = Kind::kRejected;
  }
  return outcome;
}

SendOutcome outcome_of(const Error& error) {
  SendOutcome outcome;
  outcome.kind = Kind::kUnreachable;
  outcome.reason = excerpt(error.what);
  return outcome;
}

}  // namespace plumbline
