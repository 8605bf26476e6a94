// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/devices.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "agent/identity/identity.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

Pod pod(std::string uid, std::string name, std::string phase, std::string container_id) {
  Pod pod;
  pod.uid = std::move(uid);
  pod.name = std::move(name);
  pod.name_space = "ml";
  pod.phase = std::move(phase);
  ContainerStatus container;
  container.name = "train";
  container.id = std::move(container_id);
  pod.containers.push_back(std::move(container));
  return pod;
}

DeviceGrant grant(std::string pod, std::string device) {
  return {.name_space = "ml",
          .pod = std::move(pod),
          .container = "train",
          .resource = "nvidia.com/gpu",
          .device = std::move(device)};
}

class DeviceTableTest : public testing::Test {
 protected:
  void update(std::vector<Pod> pods) {
    PodList list;
    list.pods = std::move(pods);
    identity_.update(std::move(list));
  }

  // What the container of this pod holds.
  std::size_t share(std::string_view pod) const {
    const auto shares = table_.shares();
    const auto found = shares.find({.resource = "nvidia.com/gpu",
                                    .name_space = "ml",
                                    .pod = pod,
                                    .container = "train",
                                    .team = ""});
    return found == shares.end() ? 0 : found->second;
  }

  ManualClock clock_;
  Identity identity_{clock_};
  DeviceTable table_;
};

TEST_F(DeviceTableTest, ADeviceHasTheContainerThatItWasGivenTo) {
  update({pod("u1", "a", "Running", "c1"), pod("u2", "b", "Running", "c2")});
  table_.update({grant("b", "GPU-2"), grant("a", "GPU-1")}, identity_);
  const auto holders = table_.holders("GPU-2");
  ASSERT_EQ(holders.size(), 1U);
  ASSERT_TRUE(holders[0]->owner);
  EXPECT_EQ(holders[0]->owner->attribute("container.id"), "c2");
  EXPECT_EQ(holders[0]->owner->attribute("k8s.pod.name"), "b");
  EXPECT_TRUE(table_.holders("GPU-3").empty());
  EXPECT_EQ(share("a"), 1U);
  EXPECT_EQ(share("b"), 1U);
}

TEST_F(DeviceTableTest, ASharedDeviceHasSeveralHolders) {
  update({pod("u1", "a", "Running", "c1"), pod("u2", "b", "Running", "c2")});
  table_.update({grant("a", "GPU-1"), grant("b", "GPU-1")}, identity_);
  EXPECT_EQ(table_.holders("GPU-1").size(), 2U);
}

TEST_F(DeviceTableTest, APodThatHasEndedHoldsNothing) {
  update({pod("u1", "a", "Succeeded", "c1"), pod("u2", "b", "Running", "c2")});
  table_.update({grant("a", "GPU-1"), grant("b", "GPU-2")}, identity_);
  EXPECT_TRUE(table_.holders("GPU-1").empty());
  EXPECT_TRUE(table_.all()[0].ended);
  EXPECT_EQ(table_.shares().size(), 1U);
}

TEST_F(DeviceTableTest, APodMadeAgainUnderItsNameIsTheLivingOne) {
  update({pod("u9", "a", "Failed", "old"), pod("u1", "a", "Running", "new")});
  table_.update({grant("a", "GPU-1")}, identity_);
  ASSERT_EQ(table_.holders("GPU-1").size(), 1U);
  EXPECT_EQ(table_.holders("GPU-1")[0]->owner->attribute("container.id"), "new");
}

TEST_F(DeviceTableTest, AContainerWithoutIdIsItsPods) {
  update({pod("u1", "a", "Pending", "")});
  table_.update({grant("a", "GPU-1")}, identity_);
  ASSERT_TRUE(table_.holders("GPU-1")[0]->owner);
  EXPECT_EQ(table_.holders("GPU-1")[0]->owner->attribute("k8s.pod.uid"), "u1");
}

TEST_F(DeviceTableTest, AGrantOfAPodThatNobodyKnowsHasNoOwner) {
  table_.update({grant("ghost", "GPU-1")}, identity_);
  ASSERT_EQ(table_.holders("GPU-1").size(), 1U);
  EXPECT_FALSE(table_.holders("GPU-1")[0]->owner);
}

}  // namespace
}  // namespace plumbline
