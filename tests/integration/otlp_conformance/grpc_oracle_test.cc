// SPDX-License-Identifier: Apache-2.0
//
// Our gRPC client against a server of grpc++, which shares no code with it: what that server
// understands and says is what gRPC is. The number in a test's name is that of the statement in
// README.md.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/grpc_status.h"
#include "agent/http/watched.h"
#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/pki.h"
#include "tests/integration/otlp_conformance/sender.h"
#include "tests/support/temp_dir.h"

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"

namespace plumbline {
namespace {

using Kind = SendOutcome::Kind;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceResponse;
using std::chrono::milliseconds;
using testing::HasSubstr;

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return out;
  for (const auto& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

// Takes any unary call and answers as the test says.
class Oracle final : public grpc::CallbackGenericService {
 public:
  struct Answer {
    grpc::Status status;
    std::string message;
    grpc_compression_algorithm compression = GRPC_COMPRESS_NONE;
  };

  Answer answer;

  explicit Oracle(
      std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials(),
      int max_message_bytes = 64 << 20) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
    builder.SetMaxReceiveMessageSize(max_message_bytes);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;
  Oracle(Oracle&&) = delete;
  Oracle& operator=(Oracle&&) = delete;
  ~Oracle() override {
    server_->Shutdown(std::chrono::system_clock::now() + milliseconds(100));
    server_->Wait();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::set<std::string> peers() {
    const std::lock_guard lock(mutex_);
    return peers_;
  }
  std::string method() {
    const std::lock_guard lock(mutex_);
    return method_;
  }

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const std::lock_guard lock(mutex_);
    method_ = context->method();
    peers_.insert(context->peer());
    context->set_compression_algorithm(answer.compression);
    return new Call(*this);
  }

 private:
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Call(Oracle& oracle) : oracle_(oracle) { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no message"));
      {
        const std::lock_guard lock(oracle_.mutex_);
        oracle_.requests_.push_back(bytes_of(request_));
      }
      if (!oracle_.answer.status.ok()) return Finish(oracle_.answer.status);
      const grpc::Slice slice(oracle_.answer.message);
      response_ = grpc::ByteBuffer(&slice, 1);
      StartWriteAndFinish(&response_, {}, grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    Oracle& oracle_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
  };

  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::set<std::string> peers_;
  std::string method_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(GrpcOracle, S9_S12_understands_many_requests_on_one_connection) {
  for (const auto compression : {Compression::kNone, Compression::kGzip}) {
    Oracle oracle;
    auto config = plain_config("grpc://" + oracle.address());
    config.compression = compression;
    Sender sender(config);
    for (int i = 0; i < 20; ++i) {
      const auto outcome = sender.send();
      EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.reason;
      EXPECT_EQ(outcome.reason, "");
    }
    EXPECT_EQ(oracle.method(), "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
    EXPECT_EQ(oracle.peers().size(), 1U);
    ASSERT_EQ(oracle.requests().size(), 20U);
    ExportMetricsServiceRequest request;
    ASSERT_TRUE(request.ParseFromString(oracle.requests().back()));
    EXPECT_EQ(request.resource_metrics(0).scope_metrics(0).metrics(0).name(), "test.metric");
  }
}

TEST(GrpcOracle, S1_hears_every_code_and_its_message) {
  const std::set<int> retryable{1, 4, 10, 11, 14, 15};
  Oracle oracle;
  Sender sender(plain_config("grpc://" + oracle.address()));
  for (int code = 1; code <= 16; ++code) {
    oracle.answer.status = grpc::Status(static_cast<grpc::StatusCode>(code), "100% grün\nand more");
    const auto outcome = sender.send();
    EXPECT_EQ(outcome.kind, retryable.contains(code) ? Kind::kRetry : Kind::kRejected) << code;
    EXPECT_THAT(outcome.reason, HasSubstr("100% grün\\nand more"));
    EXPECT_THAT(outcome.reason, HasSubstr(to_string(static_cast<GrpcCode>(code))));
  }
  EXPECT_EQ(oracle.peers().size(), 1U);
}

TEST(GrpcOracle, S2_S3_hears_retry_info_in_the_details) {
  Oracle oracle;
  const auto details = base64_decode(retry_info(3, 0).second).value();
  oracle.answer.status = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "quota", details);
  Sender sender(plain_config("grpc://" + oracle.address()));
  const auto outcome = sender.send();
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.retry_after, std::chrono::seconds(3));
}

TEST(GrpcOracle, S5_hears_a_partial_success_compressed_or_not) {
  ExportMetricsServiceResponse response;
  response.mutable_partial_success()->set_rejected_data_points(7);
  response.mutable_partial_success()->set_error_message(std::string(2'000, 'x'));
  for (const auto compression : {GRPC_COMPRESS_NONE, GRPC_COMPRESS_GZIP}) {
    Oracle oracle;
    oracle.answer.message = response.SerializeAsString();
    oracle.answer.compression = compression;
    Sender sender(plain_config("grpc://" + oracle.address()));
    EXPECT_EQ(sender.send().rejected, 7U);
  }
}

TEST(GrpcOracle, S17_hears_that_a_request_is_larger_than_the_server_takes) {
  Oracle oracle(grpc::InsecureServerCredentials(), 1 << 20);
  Sender sender(plain_config("grpc://" + oracle.address()));
  const auto outcome = sender.send(std::string(3 << 20, 'x'));
  EXPECT_EQ(outcome.kind, Kind::kTooLarge) << outcome.reason;
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
}

TEST(GrpcOracle, SendsLargeRequestsThroughItsFlowControl) {
  Oracle oracle;
  Sender sender(plain_config("grpc://" + oracle.address()));
  const std::string large(20 << 20, 'x');
  EXPECT_EQ(sender.send(large).kind, Kind::kAccepted);
  EXPECT_EQ(oracle.requests().at(0), large);
}

TEST(GrpcOracle, SpeaksTlsWithIt) {
  const TempDir dir;
  const TestCa ca(dir, "ca");
  const auto files = ca.issue("127.0.0.1");
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back(
      {read_small_file(files.key_file).value(), read_small_file(files.certificate_file).value()});
  Oracle oracle(grpc::SslServerCredentials(options));
  auto config = plain_config("grpcs://" + oracle.address());
  config.ca_file = ca.ca_file();
  Sender sender(config);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  EXPECT_EQ(oracle.peers().size(), 1U);
}

TEST(GrpcOracle, S9_notices_the_end_of_a_server_while_idle) {
  auto first = std::make_unique<Oracle>();
  auto config = plain_config("grpc://" + first->address());
  Sender sender(config);
  EXPECT_EQ(sender.send().kind, Kind::kAccepted);
  first.reset();
  sender.run_for(milliseconds(50));
  EXPECT_EQ(sender.send().kind, Kind::kUnreachable);
}

}  // namespace
}  // namespace plumbline
