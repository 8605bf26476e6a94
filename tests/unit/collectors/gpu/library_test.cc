// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/gpu/nvml_library.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collectors/gpu/fake_nvml.h"

namespace plumbline::gpu {
namespace {

TEST(NvmlLibrary, TakesTheFirstPlaceThatOpens) {
  const FakeNvml nvml;
  const TempDir folder;
  const auto broken = folder.write("libnvidia-ml.so.1", "no library");
  const std::vector<std::filesystem::path> places{folder.path() / "nothing", broken, nvml.path()};
  const auto library = NvmlLibrary::open(places);
  ASSERT_TRUE(library.has_value());
  EXPECT_EQ(library->path(), nvml.path());
  EXPECT_TRUE(library->missing().empty());
}

TEST(NvmlLibrary, SaysWhyNoneOpens) {
  const TempDir folder;
  const std::vector<std::filesystem::path> none{folder.path() / "nothing"};
  EXPECT_THAT(NvmlLibrary::open(none).error().what, testing::HasSubstr("nowhere"));
  const std::vector<std::filesystem::path> broken{folder.write("broken.so", "no library"), none[0]};
  EXPECT_THAT(NvmlLibrary::open(broken).error().what, testing::HasSubstr("broken.so"));
}

TEST(NvmlLibrary, FallsBackToOlderNamesAndKnowsWhatIsMissing) {
  const FakeNvml nvml(FakeNvml::Version::kOld);
  const std::vector<std::filesystem::path> places{nvml.path()};
  const auto library = NvmlLibrary::open(places);
  ASSERT_TRUE(library.has_value());
  EXPECT_THAT(
      library->missing(),
      testing::UnorderedElementsAre("nvmlDeviceGetMemoryInfo_v2", "nvmlDeviceGetFieldValues"));
  EXPECT_NE(library->functions().processes, nullptr);
  EXPECT_NE(library->functions().slowdowns, nullptr);
}

TEST(NvmlLibrary, LooksByTheLoaderFirst) {
  EXPECT_EQ(NvmlLibrary::places().front(), NvmlLibrary::kFile);
}

}  // namespace
}  // namespace plumbline::gpu
