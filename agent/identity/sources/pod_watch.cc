// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/pod_watch.h"

#include <pthread.h>

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "agent/identity/sources/kubelet.h"
#include "agent/identity/sources/pods_api.h"
#include "agent/identity/sources/pods_file.h"

namespace plumbline {

namespace asio = boost::asio;

std::vector<std::unique_ptr<PodSource>> make_pod_sources(const IdentityConfig& config,
                                                         const LabelChoice& choice,
                                                         Log& log) {
  using Choice = PodSourceChoice;
  const auto wants = [&](Choice one) {
    return config.source == Choice::kAuto || config.source == one;
  };
  std::vector<std::unique_ptr<PodSource>> sources;
  if (wants(Choice::kPodsApi)) {
    sources.push_back(std::make_unique<PodsApiSource>(config.pods_api_socket, choice));
  }
  if (wants(Choice::kKubelet)) {
    sources.push_back(std::make_unique<KubeletSource>(config, choice, log));
  }
  if (wants(Choice::kFile) && !config.file.empty()) {
    sources.push_back(std::make_unique<PodsFileSource>(config.file, choice));
  }
  return sources;
}

PodWatch::PodWatch(const IdentityConfig& config,
                   const LabelChoice& choice,
                   const Clock& clock,
                   Log& log,
                   asio::any_io_executor home,
                   Sink sink)
    : period_(config.period),
      home_(std::move(home)),
      sink_(std::make_shared<Sink>(std::move(sink))),
      ladder_(std::in_place, clock, log, make_pod_sources(config, choice, log)),
      resources_(std::in_place, config, log),
      timer_(io_) {
  const auto end = [this](const std::exception_ptr& error) { finish(error); };
  asio::co_spawn(io_, run(), asio::bind_cancellation_slot(cancel_.slot(), end));
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "identity");
    io_.run();
  });
}

PodWatch::~PodWatch() {
  asio::post(io_, [this] {
    stopping_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
  });
  thread_.join();
}

// Cancelled operations end by exception. What the sources leave behind (a connection that is read
// from) ends once they are gone; whatever does not (a name server that is asked) is left.
void PodWatch::finish(const std::exception_ptr& error) {
  if (error && !stopping_) std::rethrow_exception(error);
  ladder_.reset();
  resources_.reset();
  asio::post(io_, [this] { asio::post(io_, [this] { io_.stop(); }); });
}

void PodWatch::refresh_soon() {
  asio::post(io_, [this] {
    asked_ = true;
    timer_.cancel();
  });
}

template <class Answer>
void PodWatch::deliver(std::function<void(Answer)> Sink::*to, Answer answer) {
  asio::post(home_, [weak = std::weak_ptr(sink_), to, answer = std::move(answer)]() mutable {
    if (const auto sink = weak.lock()) ((*sink).*to)(std::move(answer));
  });
}

asio::awaitable<void> PodWatch::run() {
  while (!stopping_) {
    auto list = co_await ladder_->list();
    deliver(&Sink::pods,
            PodAnswer{.list = std::move(list), .source = std::string(ladder_->source())});
    auto devices =
        co_await resources_->list(std::chrono::steady_clock::now() + PodLadder::kTimeout);
    deliver(&Sink::devices, std::move(devices));
    co_await wait();
  }
}

asio::awaitable<void> PodWatch::wait() {
  timer_.expires_after(kMinGap);
  co_await timer_.async_wait(kAsTuple);
  if (asked_ || period_ <= kMinGap) {
    asked_ = false;
    co_return;
  }
  timer_.expires_after(period_ - kMinGap);
  co_await timer_.async_wait(kAsTuple);
  asked_ = false;
}

}  // namespace plumbline
