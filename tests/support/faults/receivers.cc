// SPDX-License-Identifier: Apache-2.0
//
// OTLP receivers that go wrong together: faulty_receivers NAME=KIND...
//
// SIGUSR1 begins each receiver's fault, SIGUSR2 ends it, SIGTERM ends the program. On stdout, a
// line each: "receiver NAME URL CA-FILE", then for every export in a request that was taken "took
// NAME NUMBER TIME", for one that was refused for good "refused NAME NUMBER", for points that start
// after their own time "inverted NAME COUNT", for a request that met the fault "met NAME".

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tests/integration/otlp_conformance/grpc_mock.h"
#include "tests/integration/otlp_conformance/http_mock.h"
#include "tests/integration/otlp_conformance/pki.h"
#include "tests/support/faults/seen_exports.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

// Whole lines, for the receivers share one stdout.
void say(const std::string& line) {
  const auto whole = line + "\n";
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, whole.data(), whole.size());
}

// partial_success {rejected_data_points: 2, error_message: "two are too old"}
constexpr std::string_view kPartial = "\x0a\x13\x08\x02\x12\x0ftwo are too old";

constexpr int kResourceExhausted = 8;

class Receiver {
 public:
  Receiver(std::string name, std::string kind) : name_(std::move(name)), kind_(std::move(kind)) {}
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  Receiver(Receiver&&) = delete;
  Receiver& operator=(Receiver&&) = delete;
  virtual ~Receiver() = default;

  virtual void set_fault(bool on) { faulty_ = on; }

 protected:
  bool faulty() const { return faulty_; }
  const std::string& name() const { return name_; }
  const std::string& kind() const { return kind_; }

  void introduce(const std::string& url, const std::string& ca_file = {}) const {
    say(fmt::format("receiver {} {} {}", name_, url, ca_file));
  }
  void take(std::string_view request) const {
    const auto seen = exports_in(request);
    for (const auto& one : seen.exports) {
      say(fmt::format("took {} {} {}", name_, one.number, one.time));
    }
    if (seen.inverted != 0) say(fmt::format("inverted {} {}", name_, seen.inverted));
  }
  void refuse(std::string_view request) const {
    for (const auto& one : exports_in(request).exports) {
      say(fmt::format("refused {} {}", name_, one.number));
    }
  }
  void meet() const { say(fmt::format("met {}", name_)); }

 private:
  std::string name_;
  std::string kind_;
  std::atomic<bool> faulty_{false};
};

class HttpReceiver final : public Receiver {
 public:
  HttpReceiver(std::string name, std::string kind, const TempDir& folder)
      : Receiver(std::move(name), std::move(kind)),
        ours_(folder, this->name() + "-ca"),
        theirs_(folder, this->name() + "-other-ca"),
        mock_([this](const HttpSeen& seen) { return answer(seen); },
              speaks_tls() ? tls(ours_.issue("127.0.0.1")) : ServerTls{}) {
    if (speaks_tls()) {
      introduce("https://" + mock_.server().address(), ours_.ca_file());
    } else {
      introduce(mock_.url());
    }
  }

  void set_fault(bool on) override {
    if (kind() == "tls-expired") {
      mock_.server().set_tls(tls(ours_.issue("127.0.0.1", on ? -1 : 1)));
    } else if (kind() == "tls-wrong-ca") {
      mock_.server().set_tls(tls((on ? theirs_ : ours_).issue("127.0.0.1")));
    } else if (kind() == "reset") {
      mock_.reset_after(on ? kPartOfARequest : 0);
    }
    Receiver::set_fault(on);
  }

 private:
  static constexpr std::size_t kPartOfARequest = 600;

  bool speaks_tls() const { return kind().starts_with("tls-"); }
  static ServerTls tls(const TestCa::Files& files) {
    return {.certificate_file = files.certificate_file, .key_file = files.key_file};
  }

  HttpAnswer taken(const HttpSeen& seen, std::string_view body = {}) {
    take(seen.body);
    return {.bytes = http_bytes(200, body, {{"Content-Type", "application/x-protobuf"}})};
  }

  HttpAnswer answer(const HttpSeen& seen) {
    if (!faulty()) return taken(seen);
    meet();
    if (kind() == "slow") {
      std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
      return taken(seen);
    }
    if (kind() == "throttled") return {.bytes = http_bytes(429, {}, {{"Retry-After", "1"}})};
    if (kind() == "unavailable") return {.bytes = http_bytes(503, "maintenance")};
    if (kind() == "partial") return taken(seen, kPartial);
    if (kind() == "silent") return {.bytes = {}, .then = HttpAnswer::Then::kHang};
    // Trust is decided at the next handshake; this connection is of before the fault.
    if (speaks_tls()) return {.bytes = {}, .then = HttpAnswer::Then::kReset};
    return taken(seen);
  }

  TestCa ours_;
  TestCa theirs_;
  HttpMock mock_;
};

class GrpcReceiver final : public Receiver {
 public:
  GrpcReceiver(std::string name, std::string kind)
      : Receiver(std::move(name), std::move(kind)),
        mock_([this](const GrpcSeen& seen) { return answer(seen); }) {
    introduce(mock_.url());
  }

 private:
  static constexpr std::size_t kPrefix = 5;

  GrpcAnswer answer(const GrpcSeen& seen) {
    const auto request = std::string_view(seen.body).substr(kPrefix);
    if (!faulty()) {
      take(request);
      return grpc_ok();
    }
    meet();
    if (kind() == "exhausted-retry") {
      return grpc_error(kResourceExhausted, "busy", {retry_info(0, 500'000'000)});
    }
    refuse(request);
    return grpc_error(kResourceExhausted, "the quota is used up");
  }

  GrpcMock mock_;
};

int run(int count, char** arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGUSR1, SIGUSR2, SIGTERM}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // the threads of the servers inherit it

  const TempDir folder;
  std::vector<std::unique_ptr<Receiver>> receivers;
  for (int i = 1; i < count; ++i) {
    const std::string_view word(arguments[i]);
    const auto equals = word.find('=');
    std::string name(word.substr(0, equals));
    std::string kind(word.substr(equals + 1));
    if (kind.starts_with("exhausted")) {
      receivers.push_back(std::make_unique<GrpcReceiver>(std::move(name), std::move(kind)));
    } else {
      receivers.push_back(std::make_unique<HttpReceiver>(std::move(name), std::move(kind), folder));
    }
  }
  say("ready");
  int number = 0;
  while (sigwait(&signals, &number) == 0 && number != SIGTERM) {
    for (const auto& receiver : receivers) receiver->set_fault(number == SIGUSR1);
    say(number == SIGUSR1 ? "fault begins" : "fault ends");
  }
  return 0;
}

}  // namespace
}  // namespace plumbline

int main(int count, char** arguments) {
  return plumbline::run(count, arguments);
}
