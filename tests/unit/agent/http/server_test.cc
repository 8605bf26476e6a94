// SPDX-License-Identifier: Apache-2.0
#include "agent/http/server.h"

#include <string>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace plumbline {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    server_.route("/hello", [](const PageRequest& request) {
      return Page{.body = "hello " + request.query};
    });
    EXPECT_TRUE(server_.listen("127.0.0.1:0"));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~HttpServerTest() override {
    asio::post(io_, [this] { server_.stop(); });
    thread_.join();
  }

  // Everything the server says until it closes the connection.
  std::string talk(const std::string& request) {
    asio::io_context io;
    tcp::socket socket(io);
    const auto address = server_.address();
    const auto port = std::stoi(address.substr(address.rfind(':') + 1));
    socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
    boost::system::error_code end;
    asio::write(socket, asio::buffer(request), end);  // it may refuse before it has read all
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), end);
    return answer;
  }

  asio::io_context io_{1};
  HttpServer server_{io_.get_executor()};
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersAGet) {
  const auto answer = talk("GET /hello?you HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello you")) << answer;
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
}

TEST_F(HttpServerTest, KeepsTheConnectionForTheNextRequest) {
  const std::string one = "GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto answer = talk(one + "GET /hello?2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("hello 1"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("hello 2")) << answer;
}

TEST_F(HttpServerTest, SendsNoBodyToAHead) {
  const auto answer = talk("HEAD /hello?you HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 9"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, RefusesWhatItDoesNotServe) {
  EXPECT_TRUE(talk("GET /etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(talk("DELETE /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(talk("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(talk("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, RefusesEndlessHeaders) {
  const auto answer = talk("GET /hello HTTP/1.1\r\nX: " + std::string(1U << 20U, 'x'));
  EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 400")) << answer.substr(0, 200);
}

TEST(HttpServerAddress, SaysWhatIsWrongWithIt) {
  asio::io_context io;
  HttpServer server(io.get_executor());
  for (const auto* bad : {"9464", "127.0.0.1:", "127.0.0.1:99999", "host:80", "[::1:80"}) {
    const auto result = server.listen(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, Errc::kMalformed);
  }
  HttpServer first(io.get_executor());
  ASSERT_TRUE(first.listen("127.0.0.1:0"));
  HttpServer second(io.get_executor());
  ASSERT_TRUE(second.listen("[::1]:0"));
}

}  // namespace
}  // namespace plumbline
