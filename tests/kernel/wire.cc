// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/wire.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr std::size_t kLongestPacket = 65536;

// Inside the thread that runs it, so that the rest of the program stays where it is.
template <class Work>
void on_own_thread(Work&& work) {
  std::thread(std::forward<Work>(work)).join();
}

std::string output_of(const std::string& command) {
  std::string printed;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const auto length = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    printed.append(buffer.data(), length);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << printed;
  return printed;
}

// IPv4 without options is all that is sent here.
Packet describe(std::span<const unsigned char> bytes, Direction direction) {
  Packet packet{.direction = direction};
  if (bytes.size() < 40 || bytes[0] != 0x45 || bytes[9] != 6) return packet;
  const std::size_t header = 20 + (bytes[32] >> 4U) * 4U;
  packet.syn = (bytes[33] & 2U) != 0;
  packet.payload = bytes.size() > header ? bytes.size() - header : 0;
  return packet;
}

struct InFlight {
  std::chrono::steady_clock::time_point due;
  int to = -1;
  std::vector<unsigned char> bytes;
};

}  // namespace

NetNamespace::NetNamespace() {
  on_own_thread([this] {
    EXPECT_EQ(::unshare(CLONE_NEWNET), 0) << std::strerror(errno);
    fd_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    output_of("ip link set lo up");
  });
}

void NetNamespace::enter() const {
  EXPECT_EQ(::setns(fd_.get(), CLONE_NEWNET), 0) << std::strerror(errno);
}

std::string NetNamespace::shell(const std::string& command) const {
  std::string printed;
  on_own_thread([&] {
    enter();
    printed = output_of(command);
  });
  return printed;
}

std::uint64_t NetNamespace::nstat(std::string_view counter) const {
  const auto line =
      shell(fmt::format("nstat -asz {} | awk '$1 == \"{}\" {{print $2}}'", counter, counter));
  EXPECT_FALSE(line.empty()) << "nstat has no " << counter;
  return std::strtoull(line.c_str(), nullptr, 10);
}

Fd NetNamespace::make_tun(std::string_view address) const {
  Fd tun;
  on_own_thread([&] {
    enter();
    tun = Fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strncpy(request.ifr_name, "wire", IFNAMSIZ - 1);
    EXPECT_EQ(::ioctl(tun.get(), TUNSETIFF, &request), 0) << std::strerror(errno);
    output_of(fmt::format("ip address add {}/30 dev wire && ip link set wire up", address));
  });
  return tun;
}

Wire::Wire(WireOptions options)
    : options_(std::move(options)),
      client_end_(client_.make_tun(kClientAddress)),
      server_end_(server_.make_tun(kServerAddress)),
      carrier_([this](std::stop_token stop) { carry(std::move(stop)); }) {}

Wire::~Wire() = default;

void Wire::carry(std::stop_token stop) {
  std::deque<InFlight> flying;  // in the order in which they are due
  std::vector<unsigned char> buffer(kLongestPacket);
  std::array<pollfd, 2> ends{pollfd{.fd = client_end_.get(), .events = POLLIN, .revents = 0},
                             pollfd{.fd = server_end_.get(), .events = POLLIN, .revents = 0}};
  while (!stop.stop_requested()) {
    ::poll(ends.data(), ends.size(), flying.empty() ? 20 : 1);
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t from = 0; from < ends.size(); ++from) {
      const auto length = ::read(ends[from].fd, buffer.data(), buffer.size());
      if (length <= 0) continue;
      const std::span bytes(buffer.data(), static_cast<std::size_t>(length));
      if (options_.loses(
              describe(bytes, from == 0 ? Direction::kToServer : Direction::kToClient))) {
        continue;
      }
      flying.push_back({.due = now + options_.delay,
                        .to = ends[1 - from].fd,
                        .bytes = {bytes.begin(), bytes.end()}});
    }
    while (!flying.empty() && flying.front().due <= now) {
      const auto& packet = flying.front();
      EXPECT_EQ(::write(packet.to, packet.bytes.data(), packet.bytes.size()),
                static_cast<ssize_t>(packet.bytes.size()));
      flying.pop_front();
    }
  }
}

}  // namespace plumbline
