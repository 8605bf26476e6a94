// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/result.h"
#include "agent/http/deadline.h"
#include "agent/http/grpc_client.h"

namespace plumbline {

// gRPC to the kubelet over a Unix socket, which it makes anew at each of its starts. One call at a
// time.
class KubeletSocket {
 public:
  // `places`: where it may be, the first that exists is taken.
  explicit KubeletSocket(std::vector<std::string> places) : places_(std::move(places)) {}

  // The first place that exists is there to be called. False: there is none.
  bool find();
  // The places, for messages.
  const std::vector<std::string>& places() const { return places_; }
  // The place that was found.
  const std::string& path() const { return path_; }

  // Calls methods without arguments, one after the other until one is not "unimplemented": the
  // newest form of a service first. Errors name the socket and the method. After find().
  boost::asio::awaitable<Result<std::string>> call(std::span<const std::string_view> methods,
                                                   Deadline deadline);

 private:
  std::vector<std::string> places_;
  std::string path_;  // the one `client_` speaks to
  std::unique_ptr<GrpcClient> client_;
};

}  // namespace plumbline
