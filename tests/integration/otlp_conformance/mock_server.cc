// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otlp_conformance/mock_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace plumbline {
namespace {

void set_linger_zero(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

class PlainPeer final : public Peer {
 public:
  explicit PlainPeer(int fd) : fd_(fd) {}
  std::size_t read_some(std::span<char> buffer) override {
    const auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void close_sending() override { ::shutdown(fd_, SHUT_WR); }
  void reset() override { set_linger_zero(fd_); }

 private:
  int fd_;
};

class TlsPeer final : public Peer {
 public:
  TlsPeer(int fd, SSL_CTX* context) : fd_(fd), ssl_(SSL_new(context), &SSL_free) {
    SSL_set_fd(ssl_.get(), fd);
    ready_ = SSL_accept(ssl_.get()) == 1;
  }
  bool ready() const { return ready_; }
  std::size_t read_some(std::span<char> buffer) override {
    const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  bool write(std::string_view bytes) override {
    return bytes.empty() || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  void close_sending() override { SSL_shutdown(ssl_.get()); }
  void reset() override { set_linger_zero(fd_); }

 private:
  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool ready_ = false;
};

int select_alpn(SSL* /*ssl*/,
                const unsigned char** out,
                unsigned char* out_size,
                const unsigned char* in,
                unsigned in_size,
                void* wanted) {
  const auto& list = *static_cast<const std::string*>(wanted);
  const auto* ours = reinterpret_cast<const unsigned char*>(list.data());
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(out),
                                          out_size,
                                          ours,
                                          static_cast<unsigned>(list.size()),
                                          in,
                                          in_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> server_context(const ServerTls& tls) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                            &SSL_CTX_free);
  SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate_file.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM);
  if (!tls.client_ca_file.empty()) {
    SSL_CTX_load_verify_file(context.get(), tls.client_ca_file.c_str());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!tls.alpn.empty()) {
    SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, const_cast<std::string*>(&tls.alpn));
  }
  return context;
}

}  // namespace

bool Peer::write_bytewise(std::string_view bytes) {
  for (const char& byte : bytes) {
    if (!write({&byte, 1})) return false;
  }
  return true;
}

void Peer::hang() {
  std::array<char, 4096> ignored{};
  while (read_some(ignored) != 0) {
  }
}

MockServer::MockServer(Serve serve, ServerTls tls, std::uint16_t port)
    : serve_(std::move(serve)), tls_(std::move(tls)) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets the client has closed
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the mock server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

MockServer::~MockServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
}

std::string MockServer::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

void MockServer::set_tls(ServerTls tls) {
  const std::lock_guard lock(mutex_);
  tls_ = std::move(tls);
}

void MockServer::accept_loop() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { run_connection(fd); });
  }
}

void MockServer::run_connection(int fd) {
  ServerTls tls;
  {
    const std::lock_guard lock(mutex_);
    tls = tls_;
  }
  if (tls.certificate_file.empty()) {
    PlainPeer peer(fd);
    serve_(peer);
  } else {
    const auto context = server_context(tls);
    TlsPeer peer(fd, context.get());
    if (peer.ready()) serve_(peer);
  }
  const std::lock_guard lock(mutex_);
  open_.remove(fd);
  ::close(fd);
}

}  // namespace plumbline
