// SPDX-License-Identifier: Apache-2.0
#include "collectors/cgroups/births.h"

#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "collectors/cgroups/cgroups_events.h"
#include "tests/support/manual_clock.h"

namespace plumbline::cgroups {
namespace {

using namespace std::chrono_literals;

std::vector<std::byte> event(std::uint32_t kind, std::string_view path, std::uint64_t time_ns = 0) {
  cgroup_event event{
      .id = 7, .time_ns = time_ns, .kind = kind, .length = static_cast<std::uint32_t>(path.size())};
  std::memcpy(event.path, path.data(), path.size());
  const auto bytes = std::as_bytes(std::span(&event, 1));
  return {bytes.begin(), bytes.begin() + offsetof(cgroup_event, path) + path.size() + 1};
}

class TakeEventTest : public testing::Test {
 protected:
  void take(const std::vector<std::byte>& bytes) {
    take_event(bytes, Clock::Steady(10s), 1'000'000'000'000, index_, counts_);
    index_.refresh();
  }

  ManualClock clock_;
  CgroupIndex index_{CgroupMounts{}, clock_, 10};
  BirthCounts counts_;
};

TEST_F(TakeEventTest, a_group_is_born_when_the_kernel_says_and_is_gone_when_it_says) {
  index_.refresh();  // the walk of this second
  take(event(CGROUP_MADE, "/pod/job", 4'000'000'000));
  ASSERT_EQ(index_.living().size(), 1U);
  EXPECT_EQ(index_.living()[0]->path, "/pod/job");
  EXPECT_EQ(index_.living()[0]->first_seen, 994'000'000'000U) << "6 s ago";
  take(event(CGROUP_REMOVED, ""));
  EXPECT_TRUE(index_.living().empty());
  EXPECT_EQ(index_.path(7), "/pod/job");
  EXPECT_EQ(counts_.made, 1U);
  EXPECT_EQ(counts_.removed, 1U);
}

TEST_F(TakeEventTest, what_is_cut_off_or_lies_about_its_length_is_left_out) {
  const auto whole = event(CGROUP_MADE, "/pod/job");
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    take({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
  }
  take(event(99, "/pod/job"));
  EXPECT_EQ(counts_.made, 0U);
  EXPECT_EQ(index_.path(7), "id:7");
}

TEST_F(TakeEventTest, a_path_longer_than_the_kernel_tells_is_left_to_the_walk) {
  index_.refresh();
  take(event(CGROUP_MADE, "/" + std::string(CGROUP_PATH_BYTES - 2, 'x')));
  EXPECT_EQ(counts_.made, 1U);
  EXPECT_TRUE(index_.living().empty());
  EXPECT_EQ(index_.path(7), "id:7");
}

TEST_F(TakeEventTest, a_time_in_the_future_is_now) {
  index_.refresh();
  take(event(CGROUP_MADE, "/job", 99'000'000'000));
  ASSERT_EQ(index_.living().size(), 1U);
  EXPECT_EQ(index_.living()[0]->first_seen, 1'000'000'000'000U);
}

}  // namespace
}  // namespace plumbline::cgroups
