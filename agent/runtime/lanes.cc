// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/lanes.h"

namespace plumbline {

Lanes::Lanes() = default;

Lanes::~Lanes() {
  join();
}

boost::asio::any_io_executor Lanes::executor(Lane lane) {
  if (lane == Lane::kKernel) return kernel_.get_executor();
  blocking_.push_back(std::make_unique<boost::asio::thread_pool>(1));
  return blocking_.back()->get_executor();
}

void Lanes::join() {
  kernel_.join();
  for (const auto& pool : blocking_) pool->join();
}

}  // namespace plumbline
