// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/stdout_exporter.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "agent/pipeline/log_encode.h"
#include "agent/pipeline/span_encode.h"

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

TEST_F(StdoutTest, WritesTracesInBothFormats) {
  const TraceId trace{.bytes = {1}};
  const Span span{.trace = trace,
                  .id = {.bytes = {2}},
                  .parent = {.bytes = {3}},
                  .name = "SELECT\nt",
                  .kind = SpanKind::kServer,
                  .start = 1'763'463'600'000'000'000,
                  .end = 1'763'463'600'012'000'000,
                  .status = SpanStatus::kError,
                  .status_message = "no such table",
                  .attributes = {{"db.system.name", "clickhouse"}, {"n", 7}}};
  const Span* const pointer = &span;
  std::string request;
  encode_spans({}, {}, {&pointer, 1}, request);
  send(StdoutFormat::kReadable, {.signal = Signal::kTraces, .bytes = request});
  EXPECT_EQ(written_,
            "2025-11-18T11:00:00.000Z  12 ms  server  SELECT\\nt  failed: no such table  "
            "trace=01000000000000000000000000000000 span=0200000000000000 parent=0300000000000000  "
            "db.system.name=clickhouse n=7\n");
  written_.clear();
  send(StdoutFormat::kOtlpJson, {.signal = Signal::kTraces, .bytes = kRequest});
  EXPECT_EQ(written_, "{\"resourceSpans\":[{\"schemaUrl\":\"u\"}]}\n");
}

TEST_F(StdoutTest, WritesAnEventAsALine) {
  std::string request;
  encode_log({},
             {},
             {.name = "container.exit",
              .time = 1'763'463'600'000'000'000,
              .severity = EventSeverity::kError,
              .body = "it ended",
              .attributes = {{"k", "v"}}},
             request);
  send(StdoutFormat::kReadable, {.signal = Signal::kLogs, .bytes = request});
  EXPECT_EQ(written_, "2025-11-18T11:00:00.000Z  ERROR  container.exit  it ended  k=v\n");
}

TEST_F(StdoutTest, RejectsWhatItCannotRead) {
  for (const auto signal : {Signal::kMetrics, Signal::kTraces, Signal::kLogs}) {
    const auto outcome = send(StdoutFormat::kReadable, {.signal = signal, .bytes = "\x0a\x05x"});
    EXPECT_EQ(outcome.kind, SendOutcome::Kind::kRejected);
  }
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
