// SPDX-License-Identifier: Apache-2.0
#include "collectors/gpu/worker.h"

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

namespace plumbline::gpu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Worker, RunsTheJobOnceForEachAsking) {
  int runs = 0;
  Worker worker([&] { ++runs; });
  EXPECT_TRUE(worker.run(seconds(60)));
  EXPECT_TRUE(worker.run(seconds(60)));
  EXPECT_EQ(runs, 2);
}

TEST(Worker, GoesOnWaitingForAJobThatIsLate) {
  std::atomic<bool> stuck = true;
  std::atomic<int> runs = 0;
  Worker worker([&] {
    ++runs;
    stuck.wait(true);
  });
  EXPECT_FALSE(worker.run(milliseconds(1)));
  EXPECT_TRUE(worker.is_late());
  EXPECT_FALSE(worker.run(milliseconds(1)));
  stuck = false;
  stuck.notify_all();
  EXPECT_TRUE(worker.run(seconds(60)));
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(worker.is_late());
}

TEST(Worker, LeavesAThreadThatNeverReturnsToItself) {
  const auto stuck = std::make_shared<std::atomic<bool>>(true);
  const std::weak_ptr<std::atomic<bool>> alive = stuck;
  {
    Worker worker([stuck] { stuck->wait(true); });
    EXPECT_FALSE(worker.run(milliseconds(1)));
  }
  EXPECT_GE(alive.use_count(), 2) << "the thread keeps what it needs";
  *stuck = false;
  stuck->notify_all();
}

}  // namespace
}  // namespace plumbline::gpu
