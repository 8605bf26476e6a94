// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/pods_api.h"

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

std::vector<std::string> places_of(std::string socket) {
  if (socket.empty()) return {kPlaces.begin(), kPlaces.end()};
  return {std::move(socket)};
}

}  // namespace

PodsApiSource::PodsApiSource(std::string socket, LabelChoice choice)
    : is_default_(socket.empty()),
      choice_(std::move(choice)),
      socket_(places_of(std::move(socket))) {}

asio::awaitable<Result<PodList>> PodsApiSource::list(Deadline deadline) {
  if (!socket_.find()) {
    co_return Error{.code = is_default_ ? Errc::kUnsupported : Errc::kUnavailable,
                    .what = fmt::format("there is no {}; the kubelet makes it with the feature "
                                        "gate PodsAPI (Kubernetes 1.35 and later)",
                                        socket_.places().front())};
  }
  auto answer = co_await socket_.call(kMethods, deadline);
  if (!answer) co_return answer.error();
  auto list = parse_pods_message(*answer, choice_);
  if (list) co_return list;
  co_return Error{.code = Errc::kMalformed,
                  .what = fmt::format("{}: the answer is {}", socket_.path(), list.error().what)};
}

}  // namespace plumbline
