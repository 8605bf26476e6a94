// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <sstream>
#include <string>

#include "agent/core/fd.h"
#include "collectors/irq/irq_collector.h"
#include "collectors/irq/signals.h"
#include "tests/kernel/kernel_test.h"

namespace plumbline {
namespace {

using IrqTest = KernelTest;

// The sum over all CPUs of one line of /proc/softirqs or /proc/interrupts.
double line_of(const char* path, const std::string& label) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word != label + ":") continue;
    double sum = 0;
    for (double number = 0; words >> number;) sum += number;
    return sum;
  }
  return -1;
}

// Packets over loopback: each is received in a softirq.
void send_packets(int count) {
  const Fd receiver(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(receiver.get(), reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(receiver.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const Fd sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (int i = 0; i < count; ++i) {
    ::sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), size);
  }
}

TEST_F(IrqTest, interrupts_by_kind_are_those_of_proc) {
  const auto collector = irq::make(context());
  ASSERT_TRUE(collector->open());
  const auto before = line_of("/proc/interrupts", "LOC");
  const auto batch = collect(*collector);
  const auto after = line_of("/proc/interrupts", "LOC");
  const auto timer = number(batch, irq::kInterrupts, {{"plumbline.irq.name", "LOC"}});
  ASSERT_TRUE(timer);
  EXPECT_GE(*timer, before);
  EXPECT_LE(*timer, after);
  EXPECT_TRUE(number(batch, irq::kInterrupts, {{"plumbline.irq.kind", "device"}}));
}

TEST_F(IrqTest, latency_is_off_unless_asked_for) {
  const auto collector = irq::make(context());
  ASSERT_TRUE(collector->open());
  EXPECT_EQ(coverage_of(*collector, "irq.softirq_latency").state, SignalState::kUnavailable);
  EXPECT_NE(coverage_of(*collector, "irq.softirq_latency").reason.find("bpf.softirq_latency"),
            std::string::npos);
}

TEST_F(IrqTest, every_softirq_is_timed_when_asked_for) {
  config_.bpf.softirq_latency = true;
  const auto collector = irq::make(context());
  ASSERT_TRUE(collector->open());
  const auto coverage = coverage_of(*collector, "irq.softirq_latency");
  ASSERT_EQ(coverage.state, SignalState::kAvailable) << coverage.reason;
  collect(*collector);
  const auto before_first = line_of("/proc/softirqs", "NET_RX");
  const auto first = collect(*collector);
  const auto after_first = line_of("/proc/softirqs", "NET_RX");
  send_packets(5000);
  const auto before_last = line_of("/proc/softirqs", "NET_RX");
  const auto last = collect(*collector);
  const auto after_last = line_of("/proc/softirqs", "NET_RX");

  const auto count = [](const Batch& batch, const MetricSpec& metric) {
    const auto found = histogram(batch, metric, {{"plumbline.softirq.type", "net_rx"}});
    return found ? static_cast<double>(found->count) : 0;
  };
  for (const auto& metric : {irq::kSoftirqService, irq::kSoftirqWait}) {
    const auto ran = count(last, metric) - count(first, metric);
    EXPECT_GE(ran, (before_last - after_first) * (1 - kWithheld) - 2) << metric.name;
    EXPECT_LE(ran, after_last - before_first + 2) << metric.name;
    EXPECT_GT(ran, 100) << metric.name;
  }
}

}  // namespace
}  // namespace plumbline
