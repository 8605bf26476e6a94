// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/identity/sources/pod_source.h"

namespace plumbline {

// Sources of pods, the best first: each is asked until one answers. One that fails is left alone
// for a time that doubles, up to kRetryMax, and one warning tells of it; the same failure is not
// told twice, its end is.
class PodLadder {
 public:
  static constexpr std::chrono::seconds kRetryFirst{1};
  static constexpr std::chrono::seconds kRetryMax{300};
  static constexpr std::chrono::seconds kTimeout{10};  // of one source

  PodLadder(const Clock& clock, Log& log, std::vector<std::unique_ptr<PodSource>> sources);

  // What the first source that answers says; its name is then in source(). Fails with the reasons
  // of all when none does, with kUnsupported when this machine has none of them.
  boost::asio::awaitable<Result<PodList>> list();

  std::string_view source() const { return source_; }  // of the last answer; empty: nobody's

 private:
  struct Step {
    std::unique_ptr<PodSource> source;
    std::string failure;  // of the last try, if it failed; once told, not told again
    Errc code{};
    std::chrono::nanoseconds wait{0};
    Clock::Steady next_try{};
  };

  void succeed(Step& step);
  void fail(Step& step, const Error& error);
  Error nobody_answers() const;

  const Clock& clock_;
  Log& log_;
  std::vector<Step> steps_;
  std::string_view source_;
};

}  // namespace plumbline
