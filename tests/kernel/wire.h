// SPDX-License-Identifier: Apache-2.0
//
// Two network namespaces and a wire between them that delays and loses what a test tells it to.
// In user space, over two TUN devices: it needs no queueing discipline that a kernel may lack, and
// a test loses exactly the packet it means.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "agent/core/fd.h"

namespace plumbline {

// A fresh network namespace with its loopback up; gone with its last user.
class NetNamespace {
 public:
  NetNamespace();

  // Moves the calling thread, and what it starts, into the namespace.
  void enter() const;
  // Runs a shell command inside; its output. Fails the test when it fails.
  std::string shell(const std::string& command) const;
  // One counter of nstat, since the namespace was made: "TcpRetransSegs".
  std::uint64_t nstat(std::string_view counter) const;
  // A TUN device inside, with an address.
  Fd make_tun(std::string_view address) const;

 private:
  Fd fd_;
};

enum class Direction : std::uint8_t { kToServer, kToClient };

// What a test asks about a packet on the wire.
struct Packet {
  Direction direction = Direction::kToServer;
  bool syn = false;
  std::size_t payload = 0;  // bytes of TCP data
};

struct WireOptions {
  std::chrono::milliseconds delay{0};  // one way
  // True for a packet that gets lost. Called on the wire's thread, in order.
  std::function<bool(const Packet&)> loses = [](const Packet&) { return false; };
};

class Wire {
 public:
  static constexpr const char* kClientAddress = "10.9.0.1";
  static constexpr const char* kServerAddress = "10.9.0.2";

  explicit Wire(WireOptions options);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  Wire(Wire&&) = delete;
  Wire& operator=(Wire&&) = delete;

  const NetNamespace& client() const { return client_; }
  const NetNamespace& server() const { return server_; }

 private:
  void carry(std::stop_token stop);

  WireOptions options_;
  NetNamespace client_;
  NetNamespace server_;
  Fd client_end_;
  Fd server_end_;
  std::jthread carrier_;  // last: stops before what it uses goes
};

}  // namespace plumbline
