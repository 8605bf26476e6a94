// SPDX-License-Identifier: Apache-2.0
#include "agent/config/resource_detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/version.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr auto kMachineId = "3f6b1c9e5f0a4d7b8e2c1a9d0b7e6f54";

TEST(ResourceDetect, ReadsOsRelease) {
  const TempDir root;
  root.write("etc/os-release",
             "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n# VERSION_ID=9\nVERSION_ID='12'\n"
             "NAME=Say\\ \\$\nbroken\n");
  const auto attributes = detect_resource({}, root.path());
  EXPECT_THAT(attributes, Contains(Pair("os.description", "Debian GNU/Linux 12 (bookworm)")));
  EXPECT_THAT(attributes, Contains(Pair("os.version", "12")));
  EXPECT_THAT(attributes, Contains(Pair("os.name", "Say $")));
}

TEST(ResourceDetect, InstanceIsAUuidOfTheMachine) {
  const TempDir root;
  root.write("etc/machine-id", std::string(kMachineId) + "\n");
  const auto attributes = detect_resource({}, root.path());
  EXPECT_EQ(attributes.at("host.id"), kMachineId);
  // uuid.uuid5(uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320"), machine_id) of Python.
  EXPECT_EQ(attributes.at("service.instance.id"), "eb021dca-bad1-53dc-a4cf-23a76d1e0492");
}

TEST(ResourceDetect, WithoutAMachineIdTheBootNamesTheInstance) {
  const TempDir root;
  root.write("etc/machine-id", "uninitialized\n");
  EXPECT_THAT(detect_resource({}, root.path()), Not(Contains(Key("service.instance.id"))));
  root.write("proc/sys/kernel/random/boot_id", "d2c4e0a0-0000-4000-8000-000000000001\n");
  const auto attributes = detect_resource({}, root.path());
  EXPECT_THAT(attributes, Not(Contains(Key("host.id"))));
  EXPECT_THAT(attributes, Contains(Key("service.instance.id")));
}

TEST(ResourceDetect, TheOperatorHasTheLastWord) {
  const TempDir root;
  root.write("etc/machine-id", kMachineId);
  Config config;
  config.resource_attributes = {{"service.name", "agent"}, {"host.id", ""}, {"team", "a"}};
  const auto attributes = detect_resource(config, root.path());
  EXPECT_THAT(attributes, Contains(Pair("service.name", "agent")));
  EXPECT_THAT(attributes, Contains(Pair("team", "a")));
  EXPECT_THAT(attributes, Contains(Pair("service.version", std::string(version()))));
  EXPECT_THAT(attributes, Not(Contains(Key("host.id"))));
}

}  // namespace
}  // namespace plumbline
