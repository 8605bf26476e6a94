// SPDX-License-Identifier: Apache-2.0
//
// What a destination answers is foreign: as an HTTP body, as a gRPC message, as status details and
// as headers. Whatever it is, the outcome is one of the few there are and its reason is fit for a
// log line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporters/otlp/outcome.h"

namespace {

void check(const plumbline::SendOutcome& outcome) {
  for (const char c : outcome.reason) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
  if (outcome.reason.size() > 4'096) std::abort();
  if (outcome.retry_after && outcome.retry_after->count() < 0) std::abort();
}

void check_http(int status, std::string_view type, std::string_view body) {
  plumbline::HttpResponse response;
  response.status = status;
  response.content_type = type;
  response.retry_after = body.substr(0, 64);
  response.location = body;
  response.body = body;
  check(plumbline::outcome_of(response, 1'700'000'000'000'000'000U));
}

void check_grpc(std::string_view code, std::string_view bytes) {
  plumbline::Http2Response response;
  response.ended = true;
  response.headers = {{":status", "200"},
                      {"content-type", "application/grpc"},
                      {"grpc-encoding", "gzip"},
                      {"grpc-message", std::string(bytes)},
                      {"grpc-status-details-bin", std::string(bytes)}};
  if (!code.empty()) response.headers["grpc-status"] = code;
  response.data = bytes;
  const auto reply = plumbline::decode_grpc_reply(response);
  if (!reply) std::abort();
  check(plumbline::outcome_of(*reply));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const int status : {200, 307, 400, 413, 503}) {
    check_http(status, "application/x-protobuf", input);
    check_http(status, "text/html", input);
  }
  for (const auto* code : {"", "0", "8", "14"}) check_grpc(code, input);
  if (const auto status = plumbline::decode_rpc_status(input)) {
    if (status->retry_delay && status->retry_delay->count() < 0) std::abort();
  }
  if (const auto decoded = plumbline::base64_decode(input)) {
    if (decoded->size() > input.size()) std::abort();
  }
  return 0;
}
