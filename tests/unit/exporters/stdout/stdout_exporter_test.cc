// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/stdout_exporter.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

// An ExportMetricsServiceRequest whose only content is the schema URL "u" of a resource.
constexpr std::string_view kRequest("\x0a\x03\x1a\x01u", 5);

class StdoutTest : public testing::Test {
 protected:
  std::string written_;
  bool open_ = true;

  SendOutcome send(StdoutFormat format, const Payload& payload) {
    const auto exporter = make_text_exporter(format, {}, [this](std::string_view text) {
      written_.append(text);
      return open_;
    });
    EXPECT_EQ(exporter->name(), "stdout");
    boost::asio::io_context io;
    SendOutcome outcome;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
          outcome = co_await exporter->send(payload, std::chrono::seconds(1));
        },
        boost::asio::detached);
    io.run();
    return outcome;
  }
};

TEST_F(StdoutTest, WritesOneLineOfJsonARequest) {
  const auto outcome = send(StdoutFormat::kOtlpJson, {.bytes = kRequest});
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kAccepted);
  EXPECT_EQ(written_, "{\"resourceMetrics\":[{\"schemaUrl\":\"u\"}]}\n");
  EXPECT_EQ(outcome.sent_bytes, written_.size());
}

TEST_F(StdoutTest, WritesTracesAsJsonInBothFormats) {
  send(StdoutFormat::kReadable, {.signal = Signal::kTraces, .bytes = kRequest});
  EXPECT_EQ(written_, "{\"resourceSpans\":[{\"schemaUrl\":\"u\"}]}\n");
}

TEST_F(StdoutTest, RejectsWhatItCannotRead) {
  for (const auto format : {StdoutFormat::kOtlpJson, StdoutFormat::kReadable}) {
    const auto outcome = send(format, {.bytes = "\x0a\x05x"});
    EXPECT_EQ(outcome.kind, SendOutcome::Kind::kRejected);
    EXPECT_NE(outcome.reason, "");
  }
  EXPECT_EQ(written_, "");
}

TEST_F(StdoutTest, IsUnreachableWhenNobodyReads) {
  open_ = false;
  const auto outcome = send(StdoutFormat::kOtlpJson, {.bytes = kRequest});
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kUnreachable);
}

}  // namespace
}  // namespace plumbline
