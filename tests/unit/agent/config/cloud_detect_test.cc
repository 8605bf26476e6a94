// SPDX-License-Identifier: Apache-2.0
#include "agent/config/cloud_detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/resource_detect.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto kInstanceData = "run/cloud-init/instance-data.json";

class CloudDetect : public testing::Test {
 protected:
  TempDir root_;

  void dmi(const std::string& file, const std::string& text) {
    root_.write("sys/class/dmi/id/" + file, text + "\n");
  }
};

TEST_F(CloudDetect, SaysNothingOfAMachineAtHome) {
  EXPECT_THAT(detect_cloud(root_.path()), IsEmpty());
  dmi("sys_vendor", "QEMU");
  dmi("product_name", "Standard PC (Q35 + ICH9, 2009)");
  dmi("board_asset_tag", "i-am-not");
  EXPECT_THAT(detect_cloud(root_.path()), IsEmpty());
}

TEST_F(CloudDetect, KnowsEc2WithItsTypeAndInstance) {
  dmi("sys_vendor", "Amazon EC2");
  dmi("product_name", "m7g.xlarge");
  dmi("board_asset_tag", "i-0123456789abcdef0");
  EXPECT_THAT(detect_cloud(root_.path()),
              UnorderedElementsAre(Pair("cloud.provider", "aws"),
                                   Pair("cloud.platform", "aws_ec2"),
                                   Pair("host.type", "m7g.xlarge"),
                                   Pair("host.id", "i-0123456789abcdef0")));
}

TEST_F(CloudDetect, KnowsGoogle) {
  dmi("sys_vendor", "Google");
  dmi("product_name", "Google Compute Engine");
  EXPECT_THAT(detect_cloud(root_.path()),
              UnorderedElementsAre(Pair("cloud.provider", "gcp"),
                                   Pair("cloud.platform", "gcp_compute_engine")));
}

TEST_F(CloudDetect, TellsAzureFromAHyperVAtHome) {
  dmi("sys_vendor", "Microsoft Corporation");
  dmi("product_name", "Virtual Machine");
  dmi("chassis_asset_tag", "0000-0014");
  EXPECT_THAT(detect_cloud(root_.path()), IsEmpty());
  dmi("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77");
  EXPECT_THAT(detect_cloud(root_.path()), Contains(Pair("cloud.provider", "azure")));
  EXPECT_THAT(detect_cloud(root_.path()), Contains(Pair("cloud.platform", "azure.vm")));
}

TEST_F(CloudDetect, ReadsWhatCloudInitWroteDown) {
  root_.write(kInstanceData, R"({
    "ds": {"meta_data": {"instance_type": "t3.micro"},
           "dynamic": {"instance_identity": {"document": {"accountId": "329910648901"}}}},
    "v1": {"cloud_name": "aws", "region": "us-east-1", "availability_zone": "us-east-1c",
           "instance_id": "i-1", "platform": "ec2"}})");
  EXPECT_THAT(detect_cloud(root_.path()),
              UnorderedElementsAre(Pair("cloud.provider", "aws"),
                                   Pair("cloud.region", "us-east-1"),
                                   Pair("cloud.availability_zone", "us-east-1c"),
                                   Pair("cloud.account.id", "329910648901"),
                                   Pair("host.id", "i-1"),
                                   Pair("host.type", "t3.micro")));
}

TEST_F(CloudDetect, TrustsTheFirmwareOverAnImageFromElsewhere) {
  dmi("product_name", "Google Compute Engine");
  root_.write(kInstanceData, R"({"v1": {"cloud_name": "aws", "region": "us-east-1"}})");
  EXPECT_THAT(detect_cloud(root_.path()), Not(Contains(Key("cloud.region"))));
  EXPECT_THAT(detect_cloud(root_.path()), Contains(Pair("cloud.provider", "gcp")));
}

TEST_F(CloudDetect, TakesNothingFromNonsense) {
  for (const auto* text : {"",
                           "{",
                           "[]",
                           "7",
                           R"({"v1": 7})",
                           R"({"v1": {"cloud_name": 7}})",
                           R"({"v1": {"cloud_name": "nocloud", "region": "x"}})",
                           R"({"v1": {"cloud_name": "no\u0000"}})"}) {
    root_.write(kInstanceData, text);
    EXPECT_THAT(detect_cloud(root_.path()), IsEmpty()) << text;
  }
  root_.write(kInstanceData,
              R"({"ds": [], "v1": {"cloud_name": "aws", "region": "a\nb", "availability_zone": ")" +
                  std::string(300, 'z') + R"(", "instance_id": "unknown"}})");
  EXPECT_THAT(detect_cloud(root_.path()), UnorderedElementsAre(Pair("cloud.provider", "aws")));
  root_.write(kInstanceData, std::string(2U << 20U, ' '));
  EXPECT_THAT(detect_cloud(root_.path()), IsEmpty());
}

TEST_F(CloudDetect, StandsBelowTheOperatorAndAboveTheMachineId) {
  dmi("sys_vendor", "Amazon EC2");
  dmi("board_asset_tag", "i-1");
  root_.write("etc/machine-id", "3f6b1c9e5f0a4d7b8e2c1a9d0b7e6f54\n");
  Config config;
  config.resource_attributes = {{"cloud.platform", "aws_eks"}};
  const auto attributes = detect_resource(config, root_.path());
  EXPECT_EQ(attributes.at("host.id"), "i-1");
  EXPECT_EQ(attributes.at("cloud.platform"), "aws_eks");
  EXPECT_EQ(attributes.at("cloud.provider"), "aws");
}

}  // namespace
}  // namespace plumbline
