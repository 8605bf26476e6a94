// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

namespace plumbline {

// The server's end of one connection: blocking, and rude on request.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  Peer(Peer&&) = delete;
  Peer& operator=(Peer&&) = delete;
  virtual ~Peer() = default;

  virtual std::size_t read_some(std::span<char> buffer) = 0;  // 0: the end, or an error
  virtual bool write(std::string_view bytes) = 0;
  bool write_bytewise(std::string_view bytes);
  virtual void close_sending() = 0;  // half close
  virtual void reset() = 0;          // RST instead of FIN
  // Blocks until the client closes or the server is stopped.
  void hang();
};

struct ServerTls {
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;  // empty: no client certificate is asked for
  std::string alpn;            // wire format; empty: no ALPN
};

// Listens on a free port of 127.0.0.1 and gives each connection a thread that runs `serve`.
// The destructor breaks all connections.
class MockServer {
 public:
  using Serve = std::function<void(Peer&)>;

  explicit MockServer(Serve serve, ServerTls tls = {}, std::uint16_t port = 0);
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;
  MockServer(MockServer&&) = delete;
  MockServer& operator=(MockServer&&) = delete;
  ~MockServer();

  std::uint16_t port() const { return port_; }
  std::string address() const;
  int connections() const { return connections_; }
  void set_tls(ServerTls tls);

 private:
  void accept_loop();
  void run_connection(int fd);

  Serve serve_;
  std::mutex mutex_;
  ServerTls tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::list<int> open_;
  std::list<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
};

}  // namespace plumbline
