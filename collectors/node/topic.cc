// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/topic.h"

#include <algorithm>

namespace plumbline::node {

SignalState Topic::state() const {
  const auto failed =
      std::ranges::count_if(files_, [](const auto& file) { return file.error() != 0; });
  if (failed == 0) return SignalState::kAvailable;
  return static_cast<std::size_t>(failed) == files_.size() ? SignalState::kUnavailable
                                                           : SignalState::kDegraded;
}

Coverage Topic::coverage() const {
  Coverage out{.signal = signal_, .state = state(), .mechanism = {}, .reason = {}};
  for (const auto& file : files_) {
    auto& text = file.error() == 0 ? out.mechanism : out.reason;
    if (!text.empty()) text += file.error() == 0 ? ", " : "; ";
    text += file.error() == 0 ? file.path()
                              : errno_error(file.error(), "cannot read " + file.path()).what;
  }
  if (!out.reason.empty() && !hint_.empty()) out.reason.append(": ").append(hint_);
  return out;
}

}  // namespace plumbline::node
