// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/core/clock.h"
#include "agent/core/fd.h"
#include "agent/core/result.h"

namespace plumbline {

// The right to write one journal, held by one process at a time: an flock(2) on "<journal>.lock",
// which the kernel gives back however the process ends. The file says who holds it.
class JournalLock {
 public:
  // kBusy when another process holds it; the sentence names its pid and since when.
  static Result<JournalLock> acquire(const std::string& journal_path, UnixNanos now);

  // False when its file was removed: then it keeps nobody out any more.
  bool is_in_place(const std::string& journal_path) const;

 private:
  explicit JournalLock(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace plumbline
