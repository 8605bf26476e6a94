// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/lanes.h"

#include <algorithm>
#include <thread>

namespace plumbline {
namespace {

// More do not help: the kernel takes locks of its own while it checks programs.
constexpr unsigned kOpenersMax = 4;

}  // namespace

Lanes::Lanes() : openers_(std::clamp(std::thread::hardware_concurrency(), 1U, kOpenersMax)) {}

Lanes::~Lanes() {
  join();
}

Lanes::Executors Lanes::executors(Lane lane) {
  if (lane == Lane::kKernel) {
    return {.open = openers_.get_executor(), .collect = kernel_.get_executor()};
  }
  blocking_.push_back(std::make_unique<boost::asio::thread_pool>(1));
  const auto executor = blocking_.back()->get_executor();
  return {.open = executor, .collect = executor};
}

void Lanes::join() {
  openers_.join();
  kernel_.join();
  for (const auto& pool : blocking_) pool->join();
}

}  // namespace plumbline
