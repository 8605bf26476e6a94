// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/node_exporter.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "agent/core/fd.h"

namespace plumbline {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-node-exporter";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

NodeExporter::NodeExporter() {
  if (::access(kProgram, X_OK) != 0) return;
  port_ = free_port();
  const auto listen = fmt::format("--web.listen-address=127.0.0.1:{}", port_);
  pid_ = ::fork();
  if (pid_ == 0) {
    const Fd null(::open("/dev/null", O_WRONLY));
    ::dup2(null.get(), STDERR_FILENO);
    ::execl(kProgram, kProgram, listen.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 100 && !runs_; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    runs_ = !get_metrics().empty();
  }
}

NodeExporter::~NodeExporter() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string NodeExporter::get_metrics() const {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(port_);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  constexpr std::string_view kRequest = "GET /metrics HTTP/1.0\r\n\r\n";
  if (::send(socket.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return {};
  std::string text;
  std::array<char, 65536> chunk{};
  for (ssize_t got = 0; (got = ::recv(socket.get(), chunk.data(), chunk.size(), 0)) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::map<std::string, double> NodeExporter::scrape() const {
  std::map<std::string, double> out;
  std::istringstream text(get_metrics());
  for (std::string line; std::getline(text, line);) {
    const auto space = line.rfind(' ');
    if (!line.starts_with("node_") || space == std::string::npos) continue;
    out[line.substr(0, space)] = std::stod(line.substr(space + 1));
  }
  return out;
}

}  // namespace plumbline
