// SPDX-License-Identifier: Apache-2.0
//
// What a server may do wrong, done by a scripted one: each time one clear line in the log, coverage
// that says why, and a collector that goes on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/core/fd.h"
#include "agent/identity/cgroups.h"
#include "collectors/clickhouse/clickhouse_collector.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/pki.h"
#include "tests/support/batch_values.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kMetricRows =
    "host\tc0\tc1\twhole\nString\tString\tInt64\tUInt8\nh\tQuery\t3\t1\n";

// A server that has one table, system.metrics, and does with the check of it what `metrics` says.
class Hostile : public testing::Test {
 protected:
  using Answer = std::function<HttpAnswer(const HttpSeen&)>;

  void start(Answer metrics, Answer all = {}, ServerTls tls = {}) {
    metrics_ = std::move(metrics);
    all_ = std::move(all);
    const bool is_tls = !tls.certificate_file.empty();
    mock_ = std::make_unique<HttpMock>([this](const HttpSeen& seen) { return answer(seen); },
                                       std::move(tls));
    server_.url = (is_tls ? "https://" : "http://") + mock_->server().address();
    server_.timeout = milliseconds(300);
    config_.clickhouse.push_back(server_);
    log_file_ = dir_.path() / "log";
    log_fd_ = Fd(::open(log_file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600));
    log_ = std::make_unique<Log>(clock_, log_fd_.get(), LogFormat::kText, LogLevel::kInfo);
    collector_ =
        clickhouse::make({.config = config_, .clock = clock_, .log = *log_, .cgroups = cgroups_});
    ASSERT_TRUE(collector_->open());
  }

  HttpAnswer answer(const HttpSeen& seen) {
    if (all_) return all_(seen);
    if (seen.body.find("FROM system.settings") != std::string::npos) {
      return {.bytes = http_bytes(200,
                                  "name\tvalue\twhole\nString\tString\tUInt8\n"
                                  "readonly\t0\t1\nmax_execution_time\t0\t1\n")};
    }
    if (seen.body.find("uptime()") != std::string::npos) {
      return {.bytes = http_bytes(200,
                                  "a\tb\tc\twhole\nString\tUInt32\tUInt32\tUInt8\n" + version_ +
                                      "\t100\t1700000000\t1\n")};
    }
    if (seen.body.find("system.columns") != std::string::npos) {
      return {.bytes = http_bytes(200,
                                  "table\tname\twhole\nString\tString\tUInt8\n"
                                  "metrics\tmetric\t1\nmetrics\tvalue\t1\n")};
    }
    if (seen.body.find("MemoryTracking") != std::string::npos) {
      return {.bytes = http_bytes(200, "host\tc0\twhole\nString\tInt64\tUInt8\nh\t5\t1\n")};
    }
    return metrics_(seen);
  }

  Batch collect() {
    clock_.advance(seconds(10));
    Batch batch;
    EXPECT_TRUE(collector_->collect(clock_.steady() + seconds(10), batch));
    return batch;
  }

  std::string reason(std::string_view signal) {
    for (const auto& coverage : collector_->coverage()) {
      if (coverage.signal == signal) return coverage.reason;
    }
    return "no such signal";
  }

  std::vector<std::string> warnings() const {
    std::vector<std::string> out;
    std::string text(1U << 16U, '\0');
    const auto length = ::pread(log_fd_.get(), text.data(), text.size(), 0);
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = text.find('\n', begin);
      const auto line = text.substr(begin, end - begin);
      if (line.find(" warning ") != std::string::npos) out.push_back(line);
      begin = end + 1;
    }
    return out;
  }

  std::vector<std::string> address() const {
    const auto url = mock_->url();
    return {"127.0.0.1", url.substr(url.rfind(':') + 1)};
  }

  std::optional<double> up(const Batch& batch) const {
    return value_of(batch, "plumbline.clickhouse.up", address());
  }

  std::optional<double> queries(const Batch& batch) const {
    auto attributes = address();
    attributes.emplace_back("Query");
    return value_of(batch, "plumbline.clickhouse.metric", attributes);
  }

  // The check of metrics fails with `what` in one line, and the server counts as up.
  void expect_one_failed_check(std::string_view what) {
    for (int i = 0; i < 3; ++i) {
      const auto batch = collect();
      EXPECT_EQ(up(batch), 1);
      EXPECT_EQ(queries(batch), std::nullopt);
      EXPECT_THAT(metric_names(batch), testing::Contains("plumbline.clickhouse.memory.usage"));
    }
    EXPECT_THAT(reason("clickhouse.metrics"), HasSubstr(what));
    ASSERT_EQ(warnings().size(), 1U) << testing::PrintToString(warnings());
    EXPECT_THAT(warnings()[0], HasSubstr(what));
  }

  ManualClock clock_;
  TempDir dir_;
  Config config_;
  ClickHouseConfig server_;
  std::string version_ = "18.16.1";
  std::string log_file_;
  Fd log_fd_;
  std::unique_ptr<Log> log_;
  CgroupIndex cgroups_{{}, clock_, 1};
  Answer metrics_;
  Answer all_;
  std::unique_ptr<HttpMock> mock_;
  std::unique_ptr<Collector> collector_;
};

TEST_F(Hostile, AGoodServerIsSilent) {
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; });
  const auto batch = collect();
  EXPECT_EQ(up(batch), 1);
  EXPECT_EQ(queries(batch), 3);
  EXPECT_TRUE(warnings().empty());
  EXPECT_EQ(reason("clickhouse.metrics"), "");
  EXPECT_THAT(reason("clickhouse.parts"), HasSubstr("there is no system.parts"));
}

TEST_F(Hostile, OurQueriesLimitThemselves) {
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; });
  collect();
  const auto seen = mock_->seen();
  EXPECT_THAT(seen.front().target, Not(HasSubstr("max_execution_time")));
  EXPECT_THAT(seen.back().target, HasSubstr("&max_execution_time=1"));
  EXPECT_THAT(seen.back().target, HasSubstr("&readonly=2"));
  EXPECT_THAT(seen.back().target, Not(HasSubstr("log_comment"))) << "this server does not know it";
}

TEST_F(Hostile, AWrongPasswordIsOneLine) {
  server_.user = "monitor";
  server_.password_file = dir_.write("password", "wrong secret\n").string();
  start({}, [](const HttpSeen& seen) {
    EXPECT_EQ(seen.headers.at("x-clickhouse-key"), "wrong secret");
    return HttpAnswer{
        .bytes =
            http_bytes(403,
                       "Code: 516. DB::Exception: monitor: Authentication failed: password is "
                       "incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)")};
  });
  for (int i = 0; i < 3; ++i) {
    const auto batch = collect();
    EXPECT_EQ(up(batch), 0);
  }
  ASSERT_EQ(warnings().size(), 1U) << testing::PrintToString(warnings());
  EXPECT_THAT(warnings()[0], HasSubstr("Authentication failed"));
  EXPECT_THAT(warnings()[0], Not(HasSubstr("secret")));
  EXPECT_THAT(reason("clickhouse.metrics"), HasSubstr("Authentication failed"));
}

TEST_F(Hostile, ACertificateShowsWhoWeAre) {
  const TestCa ca(dir_, "ca");
  const auto server = ca.issue("127.0.0.1");
  const auto client = ca.issue("plumbline");
  server_.ca_file = ca.ca_file();
  server_.certificate_file = client.certificate_file;
  server_.key_file = client.key_file;
  server_.timeout = milliseconds(2'000);
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; },
        {},
        {.certificate_file = server.certificate_file,
         .key_file = server.key_file,
         .client_ca_file = ca.ca_file(),
         .alpn = {}});
  const auto batch = collect();
  EXPECT_EQ(up(batch), 1);
  EXPECT_EQ(queries(batch), 3);
  EXPECT_EQ(mock_->server().connections(), 1);
}

TEST_F(Hostile, AServerThatIsNotTrustedGetsNoPassword) {
  const TestCa ca(dir_, "ca");
  const TestCa other(dir_, "other");
  const auto server = ca.issue("127.0.0.1");
  server_.ca_file = other.ca_file();
  server_.user = "monitor";
  server_.password_file = dir_.write("password", "secret").string();
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; },
        {},
        {.certificate_file = server.certificate_file,
         .key_file = server.key_file,
         .client_ca_file = {},
         .alpn = {}});
  EXPECT_EQ(up(collect()), 0);
  EXPECT_TRUE(mock_->seen().empty());
  EXPECT_THAT(warnings().at(0), HasSubstr("certificate"));
}

TEST_F(Hostile, AnExceptionBehindTheRowsIsNoRow) {
  start([](const HttpSeen&) {
    return HttpAnswer{
        .bytes = http_bytes(200,
                            std::string(kMetricRows) +
                                "Code: 395, e.displayText() = DB::Exception: Value passed to "
                                "'throwIf' function is non zero, e.what() = DB::Exception\n")};
  });
  expect_one_failed_check("Code: 395");
}

TEST_F(Hostile, AnExceptionInsideARowIsNoRow) {
  start([](const HttpSeen&) {
    return HttpAnswer{.bytes = http_bytes(
                          200,
                          "host\tc0\tc1\twhole\nString\tString\tInt64\tUInt8\nh\tQuery\t3\t1Code: "
                          "395, e.displayText() = DB::Exception: Value passed, e.what() = "
                          "DB::Exception\n")};
  });
  expect_one_failed_check("Code: 395");
}

TEST_F(Hostile, AHalfAnswerIsNoAnswer) {
  start([](const HttpSeen&) {
    auto bytes = http_bytes(200, kMetricRows);
    bytes.resize(bytes.size() - 9);
    return HttpAnswer{.bytes = bytes, .then = HttpAnswer::Then::kClose};
  });
  expect_one_failed_check("breaks off");
}

TEST_F(Hostile, AnAnswerCutBetweenTwoRowsIsNoAnswer) {
  start([](const HttpSeen&) {
    auto bytes = http_bytes(200, std::string(kMetricRows) + "h\tMerge\t1\t1\n");
    bytes.resize(bytes.size() - 12);
    return HttpAnswer{.bytes = bytes, .then = HttpAnswer::Then::kClose};
  });
  expect_one_failed_check("cut short");
}

TEST_F(Hostile, AColumnOfAnUnknownTypeIsNamed) {
  start([](const HttpSeen&) {
    return HttpAnswer{.bytes = http_bytes(200,
                                          "host\tc0\tc1\twhole\nString\tString\tTuple(a Int8, b "
                                          "String)\tUInt8\nh\tQuery\t(1,\\'x\\')\t1\n")};
  });
  expect_one_failed_check("value has the type Tuple(a Int8, b String), which is no number");
}

TEST_F(Hostile, AnAnswerOfOtherColumnsIsRefused) {
  start([](const HttpSeen&) {
    return HttpAnswer{.bytes = http_bytes(200, "a\twhole\nString\tUInt8\nx\t1\n")};
  });
  expect_one_failed_check("not the columns asked for");
}

TEST_F(Hostile, ThePageOfAProxyIsNoAnswer) {
  start({}, [](const HttpSeen&) {
    return HttpAnswer{.bytes = http_bytes(502, "<html>502 Bad Gateway</html>")};
  });
  EXPECT_EQ(up(collect()), 0);
  EXPECT_THAT(warnings().at(0), HasSubstr("HTTP status 502 without an exception"));
}

TEST_F(Hostile, NamesAreDataWhateverTheyHold) {
  const std::string name = "x'); DROP TABLE t; --\n\"\t\\";
  start([](const HttpSeen&) {
    return HttpAnswer{.bytes = http_bytes(200,
                                          "host\tc0\tc1\twhole\nString\tString\tInt64\tUInt8\n"
                                          "h\tx\\'); DROP TABLE t; --\\n\"\\t\\\\\t7\t1\n")};
  });
  const auto batch = collect();
  auto attributes = address();
  attributes.push_back(name);
  EXPECT_EQ(value_of(batch, "plumbline.clickhouse.metric", attributes), 7);
  clock_.advance(seconds(70));
  collect();
  for (const auto& seen : mock_->seen()) {
    EXPECT_THAT(seen.body, Not(HasSubstr("DROP"))) << "nothing of an answer is in a query";
    EXPECT_THAT(seen.target, Not(HasSubstr("DROP")));
  }
}

TEST_F(Hostile, AHangEndsWithTheTimeoutAndIsNotRepeatedAtOnce) {
  start({}, [](const HttpSeen&) { return HttpAnswer{.then = HttpAnswer::Then::kHang}; });
  const auto asked = mock_->seen().size();
  const auto batch = collect();
  EXPECT_EQ(up(batch), 0);
  ASSERT_EQ(warnings().size(), 1U) << testing::PrintToString(warnings());
  EXPECT_THAT(warnings()[0], HasSubstr("in time"));
  for (int i = 0; i < 12; ++i) collect();
  EXPECT_LE(mock_->seen().size(), asked + 4) << "two minutes of ticks";
  EXPECT_EQ(warnings().size(), 1U) << testing::PrintToString(warnings());
}

TEST_F(Hostile, AServerThatIsFullIsLeftAlone) {
  bool full = false;
  start([&](const HttpSeen&) {
    if (!full) return HttpAnswer{.bytes = http_bytes(200, kMetricRows)};
    return HttpAnswer{.bytes = http_bytes(
                          500,
                          "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100. "
                          "(TOO_MANY_SIMULTANEOUS_QUERIES)")};
  });
  EXPECT_EQ(up(collect()), 1);
  full = true;
  EXPECT_EQ(up(collect()), 0);
  const auto asked = mock_->seen().size();
  collect();
  EXPECT_EQ(mock_->seen().size(), asked);
  full = false;
  for (int i = 0; i < 4; ++i) collect();
  const auto batch = collect();
  EXPECT_EQ(up(batch), 1);
  EXPECT_EQ(queries(batch), 3);
  EXPECT_EQ(warnings().size(), 1U) << testing::PrintToString(warnings());
}

TEST_F(Hostile, ARestartWithAnotherVersionIsNoticed) {
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; });
  EXPECT_EQ(up(collect()), 1);
  version_ = "26.9.2.1";
  for (int i = 0; i < 7; ++i) EXPECT_EQ(up(collect()), 1);
  EXPECT_TRUE(warnings().empty()) << testing::PrintToString(warnings());
}

TEST_F(Hostile, OneServerThatHangsDoesNotHurtTheOther) {
  HttpMock hanging([](const HttpSeen&) { return HttpAnswer{.then = HttpAnswer::Then::kHang}; });
  config_.clickhouse.push_back({.url = hanging.url(), .timeout = milliseconds(300)});
  start([](const HttpSeen&) { return HttpAnswer{.bytes = http_bytes(200, kMetricRows)}; });
  const auto batch = collect();
  EXPECT_EQ(up(batch), 1);
  EXPECT_EQ(queries(batch), 3);
  const auto url = hanging.url();
  EXPECT_EQ(
      value_of(batch, "plumbline.clickhouse.up", {"127.0.0.1", url.substr(url.rfind(':') + 1)}), 0);
  EXPECT_THAT(reason("clickhouse.metrics"), HasSubstr(hanging.url()));
}

}  // namespace
}  // namespace plumbline
