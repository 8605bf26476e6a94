// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/commands/status_report.h"
#include "agent/http/server.h"
#include "agent/runtime/api.h"
#include "agent/runtime/self_signals.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/commands/run_for_test.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SelfView good() {
  SelfView view;
  view.series = 12;
  SelfView::Destination destination{.name = "otlp:c:4317", .up = true, .tried = true};
  destination.ledgers[0] = {.collected = 10, .delivered = 8};
  destination.oldest_queued = 1;
  view.destinations.push_back(destination);
  view.identity = IdentityStatus{.source = "kubelet", .pods = 3, .containers = 5};
  return view;
}

SelfView bad() {
  auto view = good();
  auto& destination = view.destinations[0];
  destination.up = false;
  destination.last_error = "refused\x1b[2J";
  destination.ledgers[0] = {.collected = 10, .delivered = 4, .rejected = 1, .dropped = 2};
  view.coverage.push_back({.signal = "sched.wait",
                           .state = SignalState::kUnavailable,
                           .mechanism = "",
                           .reason = "no BTF"});
  view.loudest.push_back({.metric = &self::kRuns,
                          .series = 5'000,
                          .budget = 2'000,
                          .overflow = {.metric = &self::kRuns, .series = 3'001},
                          .labels = {{.key = "pod", .values = 4'000, .example = "\x1b[2J"}}});
  return view;
}

std::string body_of(const SelfView& view) {
  ManualClock clock;
  const auto started = clock.steady();
  clock.advance(std::chrono::seconds(7'265));
  return status_json(view, "1.2.3", clock, started);
}

// An agent as far as the command sees one.
class Served {
 public:
  explicit Served(std::string body, unsigned status = 200) {
    server_.route("/api/v1/status", [body = std::move(body), status](const PageRequest&) {
      return Page{.status = status, .content_type = "application/json", .body = body};
    });
    EXPECT_TRUE(server_.listen("127.0.0.1:0"));
    thread_ = std::thread([this] { io_.run(); });
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  Served(Served&&) = delete;
  Served& operator=(Served&&) = delete;
  ~Served() {
    boost::asio::post(io_, [this] { server_.stop(); });
    thread_.join();
  }
  std::string address() const { return server_.address(); }

 private:
  boost::asio::io_context io_{1};
  HttpServer server_{io_.get_executor()};
  std::thread thread_;
};

TEST(Status, TellsThatAllIsWell) {
  const Served agent(body_of(good()));
  const auto ran = run_for_test({"status", "--url", "http://" + agent.address()});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("plumbline 1.2.3, up 2h1m, 12 series"));
  EXPECT_THAT(ran.out, HasSubstr("all is well"));
  EXPECT_THAT(ran.out, HasSubstr("otlp:c:4317"));
  EXPECT_THAT(ran.out, HasSubstr("identity: from kubelet; 3 pods, 5 containers, 0 without name"));
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST(Status, PutsFirstWhatNeedsALook) {
  const Served agent(body_of(bad()));
  const auto ran = run_for_test({"status", "--set", "listen=" + agent.address()});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("! otlp:c:4317 is down: refused\\x1b[2J\n"));
  EXPECT_THAT(ran.out, HasSubstr("! otlp:c:4317: 2 metrics dropped\n"));
  EXPECT_THAT(
      ran.out,
      HasSubstr("! plumbline.collector.runs has 5000 series, 3001 beyond its budget of 2000"));
  EXPECT_THAT(ran.out, HasSubstr("pod 4000 (\\x1b[2J)"));
  EXPECT_THAT(ran.out, HasSubstr("sched.wait is unavailable: no BTF"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b"))) << "what came over the net paints nothing";
}

TEST(Status, GivesTheAnswerItselfAsJson) {
  const auto body = body_of(bad());
  const Served agent(body);
  const auto ran = run_for_test({"status", "--url", "http://" + agent.address(), "-o", "json"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, body);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["loudest"][0]["labels"][0]["key"], "pod");
  EXPECT_EQ(json["signals"]["unavailable"], 1);
  EXPECT_EQ(json["identity"]["pods"], 3);
  EXPECT_TRUE(json["destinations"][0].contains("oldest_queued_seconds"));
}

TEST(Status, SaysThatNoAgentAnswers) {
  std::string address;
  {
    const Served gone("");
    address = gone.address();
  }
  const auto ran = run_for_test({"status", "--url", "http://" + address});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no agent at http://" + address));
  EXPECT_THAT(ran.out, IsEmpty());
}

TEST(Status, SurvivesWhateverAnswersThere) {
  for (const auto* body : {"",
                           "<html>",
                           "[]",
                           "{}",
                           "7",
                           R"({"agent": 7})",
                           R"({"agent": {"name": 7}})",
                           R"({"agent": {}, "destinations": [7]})",
                           R"({"agent": {}, "destinations": [{"ledger": {"m": []}}]})",
                           R"({"agent": {}, "uptime_seconds": "x"})"}) {
    const auto report = status_report(body, Colour::kOff);
    EXPECT_FALSE(report) << body;
  }
  EXPECT_FALSE(status_report(std::string(100'000, '['), Colour::kOff));
  EXPECT_TRUE(status_report(R"({"agent": {}, "uptime_seconds": -1, "series": 1})", Colour::kOn));
  const Served other("not here", 404);
  EXPECT_EQ(run_for_test({"status", "--url", "http://" + other.address()}).code, 1);
}

TEST(Status, RefusesWhatItCannotAsk) {
  EXPECT_EQ(run_for_test({"status", "--url", "https://127.0.0.1:1"}).code, 2);
  EXPECT_EQ(run_for_test({"status", "--url", "127.0.0.1"}).code, 2);
  EXPECT_EQ(run_for_test({"status", "--timeout", "soon"}).code, 2);
  EXPECT_EQ(run_for_test({"status", "--set", "listen=x"}).code, 2);
  const auto free_port = run_for_test({"status", "--set", "listen=127.0.0.1:0"});
  EXPECT_EQ(free_port.code, 2);
  EXPECT_THAT(free_port.err, HasSubstr("--url http://HOST:PORT"));
  EXPECT_THAT(run_for_test({"statsu"}).err, HasSubstr("did you mean \"status\"?"));
}

}  // namespace
}  // namespace plumbline
