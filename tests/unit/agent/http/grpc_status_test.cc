// SPDX-License-Identifier: Apache-2.0
#include "agent/http/grpc_status.h"

#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "agent/http/grpc_client.h"

namespace plumbline {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::string retry_info_any(std::int64_t seconds, std::int32_t nanos) {
  std::string duration;
  protozero::pbf_writer writer(duration);
  writer.add_int64(1, seconds);
  writer.add_int32(2, nanos);
  std::string info;
  protozero::pbf_writer(info).add_message(1, duration);
  std::string any;
  protozero::pbf_writer any_writer(any);
  any_writer.add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
  any_writer.add_bytes(2, info);
  return any;
}

std::string status_with(const std::string& any) {
  std::string status;
  protozero::pbf_writer writer(status);
  writer.add_int32(1, 8);
  writer.add_string(2, "slow down");
  writer.add_message(3, any);
  return status;
}

TEST(RpcStatus, ReadsTheMessageAndTheRetryDelay) {
  const auto status = decode_rpc_status(status_with(retry_info_any(2, 500'000'000))).value();
  EXPECT_EQ(status.message, "slow down");
  EXPECT_EQ(status.retry_delay, milliseconds(2'500));
}

TEST(RpcStatus, CountsADelayOfZeroAsADelay) {
  std::string any;
  protozero::pbf_writer(any).add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_EQ(decode_rpc_status(status_with(any)).value().retry_delay, nanoseconds(0));
  EXPECT_EQ(decode_rpc_status(status_with(retry_info_any(-5, 0))).value().retry_delay,
            nanoseconds(0));
}

TEST(RpcStatus, HasNoDelayWithoutRetryInfo) {
  std::string any;
  protozero::pbf_writer(any).add_string(1, "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_FALSE(decode_rpc_status(status_with(any)).value().retry_delay);
  EXPECT_FALSE(decode_rpc_status("").value().retry_delay);
}

TEST(RpcStatus, CutsAnAbsurdDelayInsteadOfOverflowing) {
  const auto status =
      decode_rpc_status(status_with(retry_info_any(std::numeric_limits<std::int64_t>::max(), 7)));
  EXPECT_GT(status.value().retry_delay.value(), nanoseconds(0));
}

TEST(RpcStatus, RefusesWhatIsNoProtobuf) {
  EXPECT_FALSE(decode_rpc_status("<html>502</html>"));
}

TEST(PercentDecode, UndoesWhatGrpcEncodes) {
  EXPECT_EQ(percent_decode("a%20b%c3%A9"), "a b\xc3\xa9");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

TEST(Base64, ReadsPaddedAndUnpaddedText) {
  EXPECT_EQ(base64_decode("aGVsbG8="), "hello");
  EXPECT_EQ(base64_decode("aGVsbG8"), "hello");
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_FALSE(base64_decode("aGVsb"));
  EXPECT_FALSE(base64_decode("aG*s"));
}

TEST(GrpcCodeTest, ReadsOnlyCodesOfGrpc) {
  EXPECT_EQ(parse_grpc_code("14"), GrpcCode::kUnavailable);
  EXPECT_EQ(parse_grpc_code("17"), GrpcCode::kUnknown);
  EXPECT_EQ(parse_grpc_code("-1"), GrpcCode::kUnknown);
  EXPECT_EQ(parse_grpc_code("1x"), GrpcCode::kUnknown);
}

Http2Response answer(std::map<std::string, std::string, std::less<>> headers, std::string data) {
  Http2Response response;
  response.headers = std::move(headers);
  response.data = std::move(data);
  response.ended = true;
  return response;
}

TEST(GrpcReplyTest, TakesTheStatusFromHttpWhenThereIsNone) {
  EXPECT_EQ(decode_grpc_reply(answer({{":status", "503"}}, "")).value().status.code,
            GrpcCode::kUnavailable);
  EXPECT_EQ(decode_grpc_reply(answer({{":status", "404"}}, "")).value().status.code,
            GrpcCode::kUnimplemented);
  EXPECT_EQ(decode_grpc_reply(answer({{":status", "200"}}, "")).value().status.code,
            GrpcCode::kUnknown);
}

TEST(GrpcReplyTest, PrefersTheStatusOfGrpcToThatOfHttp) {
  const auto reply = decode_grpc_reply(answer({{":status", "503"}, {"grpc-status", "3"}}, ""));
  EXPECT_EQ(reply.value().status.code, GrpcCode::kInvalidArgument);
}

TEST(GrpcReplyTest, SeesThroughAPrefixThatLies) {
  const std::map<std::string, std::string, std::less<>> ok{{":status", "200"},
                                                           {"grpc-status", "0"}};
  using Message = GrpcReply::Message;
  const auto state = [&](std::string data) {
    return decode_grpc_reply(answer(ok, std::move(data))).value().state;
  };
  EXPECT_EQ(state(""), Message::kMissing);
  EXPECT_EQ(state(std::string("\0\0", 2)), Message::kMalformed);
  EXPECT_EQ(state(std::string("\0\0\0\0\0", 5)), Message::kWhole);
  EXPECT_EQ(state(std::string("\0\xff\xff\xff\xff", 5)), Message::kMalformed);
  EXPECT_EQ(state(std::string("\x07\0\0\0\0", 5)), Message::kMalformed);
  EXPECT_EQ(state(std::string("\0\0\0\0\1ab", 7)), Message::kMalformed);
}

}  // namespace
}  // namespace plumbline
