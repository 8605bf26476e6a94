// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace plumbline {

// The status codes of gRPC, by their numbers on the wire.
enum class GrpcCode : std::uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "UNAVAILABLE"
std::string_view to_string(GrpcCode code);

// The value of the grpc-status header. Anything that is no code of gRPC is UNKNOWN.
GrpcCode parse_grpc_code(std::string_view text);

// What a response without grpc-status means, by its HTTP status (gRPC's table for it).
GrpcCode grpc_code_of_http(int status);

// How a call ended, in the words of the server.
struct GrpcStatus {
  GrpcCode code = GrpcCode::kUnknown;
  std::string message;
  std::optional<std::chrono::nanoseconds> retry_delay;  // RetryInfo in the details; zero counts
};

// A google.rpc.Status message: the error body of OTLP/HTTP and the details of gRPC.
struct RpcStatus {
  std::string message;
  std::optional<std::chrono::nanoseconds> retry_delay;
};
Result<RpcStatus> decode_rpc_status(std::string_view bytes);

// grpc-message: %XX becomes its byte, a malformed escape stays as it is.
std::string percent_decode(std::string_view text);

// With or without padding, as gRPC sends -bin headers.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace plumbline
