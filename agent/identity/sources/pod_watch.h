// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/identity/sources/ladder.h"
#include "agent/identity/sources/pod_resources.h"

namespace plumbline {

// What became of one question for pods.
struct PodAnswer {
  Result<PodList> list;
  std::string source;  // who answered; empty when nobody did
};

// Asks for the pods of this node and for their devices, every period and when told that one is
// missing, on a thread of its own: a slow kubelet or a long answer holds up nobody. Destroying it
// ends what runs.
class PodWatch {
 public:
  using Devices = Result<std::vector<DeviceGrant>>;
  // Called on the home of the watch, for the pods first.
  struct Sink {
    std::function<void(PodAnswer)> pods;
    std::function<void(Devices)> devices;
  };
  // Between two questions, however often refresh_soon() is called.
  static constexpr std::chrono::milliseconds kMinGap{500};

  // `sink` is called on `home`, never after this object has gone.
  PodWatch(const IdentityConfig& config,
           const LabelChoice& choice,
           const Clock& clock,
           Log& log,
           boost::asio::any_io_executor home,
           Sink sink);
  PodWatch(const PodWatch&) = delete;
  PodWatch& operator=(const PodWatch&) = delete;
  PodWatch(PodWatch&&) = delete;
  PodWatch& operator=(PodWatch&&) = delete;
  ~PodWatch();

  // A container is there that the last answer did not have. Any thread.
  void refresh_soon();

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> wait();
  template <class Answer>
  void deliver(std::function<void(Answer)> Sink::*to, Answer answer);
  void finish(const std::exception_ptr& error);

  std::chrono::milliseconds period_;
  boost::asio::any_io_executor home_;
  std::shared_ptr<Sink> sink_;  // held weakly by what is on its way to `home_`
  boost::asio::io_context io_{1};
  std::optional<PodLadder> ladder_;  // until the end of run(), as the next
  std::optional<PodResources> resources_;
  boost::asio::steady_timer timer_;
  boost::asio::cancellation_signal cancel_;
  bool asked_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

// The sources that the configuration wants, the best first.
std::vector<std::unique_ptr<PodSource>> make_pod_sources(const IdentityConfig& config,
                                                         const LabelChoice& choice,
                                                         Log& log);

}  // namespace plumbline
