// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/pod_resources.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace plumbline {
namespace {

namespace asio = boost::asio;

constexpr auto* kPlace = "/var/lib/kubelet/pod-resources/kubelet.sock";
constexpr std::size_t kMostTold = 8;
constexpr std::array<std::string_view, 1> kMethods{"/v1.PodResourcesLister/List"};

}  // namespace

std::string pod_resources_socket(const IdentityConfig& config) {
  return config.pod_resources_socket.empty() ? kPlace : config.pod_resources_socket;
}

PodResources::PodResources(const IdentityConfig& config, Log& log)
    : is_default_(config.pod_resources_socket.empty()),
      log_(log),
      socket_({pod_resources_socket(config)}) {}

asio::awaitable<Result<std::vector<DeviceGrant>>> PodResources::list(Deadline deadline) {
  auto grants = co_await ask(deadline);
  if (grants) {
    if (!told_.empty()) log_.info("identity", "devices are named by podresources again");
    told_.clear();
    co_return grants;
  }
  const auto& error = grants.error();
  if (error.code != Errc::kUnsupported && told_.size() < kMostTold &&
      told_.insert(error.what).second) {
    log_.warning("identity", "no devices from podresources: {}", error.what);
  }
  co_return grants;
}

asio::awaitable<Result<std::vector<DeviceGrant>>> PodResources::ask(Deadline deadline) {
  if (!socket_.find()) {
    co_return Error{
        .code = is_default_ ? Errc::kUnsupported : Errc::kUnavailable,
        .what = fmt::format("there is no {}; mount the folder it is in", socket_.places().front())};
  }
  auto answer = co_await socket_.call(kMethods, deadline);
  if (!answer) co_return answer.error();
  auto grants = parse_pod_resources(*answer);
  if (grants) co_return grants;
  co_return Error{.code = Errc::kMalformed,
                  .what = fmt::format("{}: the answer is {}", socket_.path(), grants.error().what)};
}

}  // namespace plumbline
