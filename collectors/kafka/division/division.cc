// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/division.h"

#include <utility>

#include "collectors/kafka/division/signals.h"

namespace plumbline::kafka {

namespace asio = boost::asio;

std::vector<FileStamp> Division::stamps() const {
  return {
      stamp_of(config_.ca_file), stamp_of(config_.certificate_file), stamp_of(config_.key_file)};
}

asio::awaitable<Share> Division::renew(const std::string& secret, Deadline deadline) {
  auto files = stamps();
  if (!membership_ || secret != secret_ || files != stamps_) {
    if (membership_) rebalances_ += membership_->rebalances();
    membership_.reset();
    secret_ = secret;
    stamps_ = std::move(files);
    auto made = Membership::make(config_, secret_, pace_, log_);
    if (!made) {
      problem_ = made.error().what;
      co_return Share(config_.division_topic, {});
    }
    membership_ = *std::move(made);
  }
  co_await membership_->renew(deadline);
  problem_ = membership_->problem();
  co_return membership_->share();
}

bool Division::may_report(const Share& share) {
  if (!membership_) return false;
  membership_->take_changes();
  if (share.size() == 0) return false;  // there is nothing to tell
  if (membership_->holds_now() && membership_->share().covers(share)) return true;
  ++withheld_;
  return false;
}

void Division::report(const Share& share, Batch& out) {
  const auto get = [&](const MetricSpec& metric) { return series_.get(metric, {config_.name}); };
  const bool sure = membership_ && membership_->holds_now();
  out.add(get(division::kShare), sure ? share.size() : 0.0);
  out.add(get(division::kRebalances), rebalances_ + (membership_ ? membership_->rebalances() : 0));
  out.add(get(division::kWithheld), withheld_);
  if (membership_ && sure && share.has_cluster()) {
    if (membership_->members()) out.add(get(division::kMembers), *membership_->members());
    membership_->ask_for_members();
  } else if (membership_) {
    membership_->forget_members();
  }
  series_.sweep();
}

}  // namespace plumbline::kafka
