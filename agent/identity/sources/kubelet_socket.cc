// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/kubelet_socket.h"

#include <sys/stat.h>

#include <utility>

#include <fmt/format.h>

#include "agent/identity/sources/pod_source.h"

namespace plumbline {

namespace asio = boost::asio;

bool KubeletSocket::find() {
  for (const auto& place : places_) {
    struct stat status {};
    if (::stat(place.c_str(), &status) != 0) continue;
    if (client_ && path_ == place) return true;
    path_ = place;
    client_ = std::make_unique<GrpcClient>(
        socket_url("grpc", place), std::string(), ContentCoding::kIdentity);
    return true;
  }
  client_.reset();
  return false;
}

asio::awaitable<Result<std::string>> KubeletSocket::call(std::span<const std::string_view> methods,
                                                         Deadline deadline) {
  Error last;
  for (const auto method : methods) {
    const Headers none;
    auto reply = co_await client_->call(
        {.path = method, .metadata = none, .message = {}, .max_response = kMaxPodAnswer},
        nullptr,
        deadline);
    if (!reply) {
      last = std::move(reply).error();
      break;
    }
    if (reply->status.code == GrpcCode::kOk && reply->state == GrpcReply::Message::kWhole) {
      co_return std::move(reply->message);
    }
    last = {.code = Errc::kUnavailable,
            .what = fmt::format(
                "{}: {}",
                method,
                reply->status.message.empty() ? "no whole answer" : reply->status.message)};
    if (reply->status.code != GrpcCode::kUnimplemented) break;
  }
  last.what = fmt::format("{}: {}", path_, last.what);
  co_return last;
}

}  // namespace plumbline
