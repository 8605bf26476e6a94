// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/kernel/tcp_test.h"

namespace plumbline {

using namespace std::chrono_literals;

sockaddr_in address_of(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

Fd listen_on(const char* host, std::uint16_t port, int backlog) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = address_of(host, port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return {};
  }
  return socket;
}

Fd connect_to(const char* host, std::uint16_t port, int flags) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  const auto address = address_of(host, port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno != EINPROGRESS) {
    return {};
  }
  return socket;
}

bool send_all(const Fd& socket, std::size_t bytes) {
  const std::vector<char> block(16384, 'x');
  while (bytes > 0) {
    const auto sent =
        ::send(socket.get(), block.data(), std::min(bytes, block.size()), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes -= static_cast<std::size_t>(sent);
  }
  return true;
}

std::size_t drain(const Fd& socket) {
  std::vector<char> block(65536);
  std::size_t total = 0;
  for (;;) {
    const auto length = ::recv(socket.get(), block.data(), block.size(), 0);
    if (length <= 0) return total;
    total += static_cast<std::size_t>(length);
  }
}

int transfer(const Wire& wire, std::size_t bytes) {
  std::atomic<bool> listening = false;
  std::size_t received = 0;
  std::thread server([&] {
    wire.server().enter();
    const auto listener = listen_on(Wire::kServerAddress, kServerPort, 8);
    listening = true;
    const Fd connection(::accept(listener.get(), nullptr, nullptr));
    received = drain(connection);
  });
  while (!listening) std::this_thread::sleep_for(1ms);
  wire.client().enter();
  {
    const auto connection = connect_to(Wire::kServerAddress, kServerPort);
    if (!connection || !send_all(connection, bytes)) ::_exit(2);
    ::shutdown(connection.get(), SHUT_WR);
    drain(connection);
    server.join();
  }
  return received == bytes ? 0 : 1;
}

}  // namespace plumbline
