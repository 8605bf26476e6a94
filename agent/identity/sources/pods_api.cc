// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/pods_api.h"

#include <sys/stat.h>

#include <array>
#include <utility>

#include <fmt/format.h>

#include "agent/identity/pod_proto.h"

namespace plumbline {
namespace {

namespace asio = boost::asio;

constexpr std::array kPlaces{"/var/lib/kubelet/pods-api/pods-api.sock",
                             "/var/lib/kubelet/pods/kubelet.sock"};

// The newest form first; a kubelet that lacks it says "unimplemented".
constexpr std::array<std::string_view, 3> kMethods{
    "/v1.Pods/ListPods", "/v1beta1.Pods/ListPods", "/v1alpha1.Pods/ListPods"};

bool is_there(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace

PodsApiSource::PodsApiSource(std::string socket, LabelChoice choice)
    : is_default_(socket.empty()), choice_(std::move(choice)) {
  if (is_default_) {
    places_.assign(kPlaces.begin(), kPlaces.end());
  } else {
    places_.push_back(std::move(socket));
  }
}

Result<> PodsApiSource::connect_to_existing() {
  for (const auto& place : places_) {
    if (!is_there(place)) continue;
    if (client_ && socket_ == place) return {};
    socket_ = place;
    client_ = std::make_unique<GrpcClient>(
        socket_url("grpc", place), std::string(), ContentCoding::kIdentity);
    return {};
  }
  client_.reset();
  return Error{.code = is_default_ ? Errc::kUnsupported : Errc::kUnavailable,
               .what = fmt::format("there is no {}; the kubelet makes it with the feature gate "
                                   "PodsAPI (Kubernetes 1.35 and later)",
                                   places_.front())};
}

asio::awaitable<Result<std::string>> PodsApiSource::call(Deadline deadline) {
  Error last;
  for (const auto method : kMethods) {
    const Headers none;
    auto reply = co_await client_->call(
        {.path = method, .metadata = none, .message = {}, .max_response = kMaxPodAnswer},
        nullptr,
        deadline);
    if (!reply) co_return reply.error();
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
  co_return last;
}

asio::awaitable<Result<PodList>> PodsApiSource::list(Deadline deadline) {
  if (auto found = connect_to_existing(); !found) co_return found.error();
  auto answer = co_await call(deadline);
  if (!answer) {
    co_return Error{.code = answer.error().code,
                    .what = fmt::format("{}: {}", socket_, answer.error().what)};
  }
  auto list = parse_pods_message(*answer, choice_);
  if (list) co_return list;
  co_return Error{.code = Errc::kMalformed,
                  .what = fmt::format("{}: the answer is {}", socket_, list.error().what)};
}

}  // namespace plumbline
