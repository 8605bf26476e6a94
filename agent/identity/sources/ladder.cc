// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/ladder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace plumbline {

namespace asio = boost::asio;

PodLadder::PodLadder(const Clock& clock, Log& log, std::vector<std::unique_ptr<PodSource>> sources)
    : clock_(clock), log_(log) {
  for (auto& source : sources) steps_.push_back({.source = std::move(source), .failure = {}});
}

asio::awaitable<Result<PodList>> PodLadder::list() {
  for (auto& step : steps_) {
    if (clock_.steady() < step.next_try) continue;
    auto answer = co_await step.source->list(std::chrono::steady_clock::now() + kTimeout);
    if (answer) {
      succeed(step);
      co_return answer;
    }
    fail(step, answer.error());
  }
  source_ = {};
  co_return nobody_answers();
}

void PodLadder::succeed(Step& step) {
  const auto name = step.source->name();
  if (source_ != name) log_.info("identity", "pods are named by the {}", name);
  source_ = name;
  step.failure.clear();
  step.wait = {};
  step.next_try = {};
}

void PodLadder::fail(Step& step, const Error& error) {
  step.wait = step.wait.count() == 0 ? std::chrono::nanoseconds(kRetryFirst)
                                     : std::min<std::chrono::nanoseconds>(2 * step.wait, kRetryMax);
  step.next_try = clock_.steady() + step.wait;
  step.code = error.code;
  if (step.failure == error.what) return;
  step.failure = error.what;
  if (error.code == Errc::kUnsupported) {
    log_.debug("identity", "no pods from the {}: {}", step.source->name(), error.what);
  } else {
    log_.warning("identity", "no pods from the {}: {}", step.source->name(), error.what);
  }
}

Error PodLadder::nobody_answers() const {
  Error error{.code = Errc::kUnsupported, .what = {}};
  for (const auto& step : steps_) {
    if (step.code != Errc::kUnsupported) error.code = Errc::kUnavailable;
    if (!error.what.empty()) error.what.append("; ");
    error.what.append(fmt::format("{}: {}", step.source->name(), step.failure));
  }
  if (error.what.empty()) error.what = "no source of pods is configured";
  return error;
}

}  // namespace plumbline
