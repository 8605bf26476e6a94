// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/device_id.h"

#include <gtest/gtest.h>

namespace plumbline {
namespace {

constexpr std::string_view kGpu = "GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8";
constexpr std::string_view kMig = "MIG-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901";

struct Form {
  std::string_view text;
  std::string_view gpu;
  std::string_view mig = {};
  std::optional<std::uint32_t> gpu_instance = {};
  std::optional<std::uint32_t> compute_instance = {};
  std::optional<std::uint32_t> replica = {};
};

TEST(DeviceId, ReadsEveryForm) {
  for (const auto& form : {
           Form{.text = kGpu, .gpu = kGpu},
           Form{.text = kMig, .gpu = "", .mig = kMig},
           Form{.text = "MIG-GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8/5/0",
           .gpu = kGpu,
           .mig = "MIG-GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8/5/0",
           .gpu_instance = 5,
           .compute_instance = 0},
           Form{.text = "GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8::3", .gpu = kGpu, .replica = 3},
           Form{.text = "MIG-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901::0",
           .gpu = "",
           .mig = kMig,
           .replica = 0},
           Form{
               .text = "GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8/vgpu2", .gpu = kGpu, .replica = 2},
           Form{.text = "nvidia0", .gpu = "nvidia0"},
           Form{.text = "nvidia12/gi3", .gpu = "nvidia12", .gpu_instance = 3},
           Form{.text = "nvidia1/gi2/vgpu4", .gpu = "nvidia1", .gpu_instance = 2, .replica = 4},
           Form{.text = "nvidia1/vgpu4", .gpu = "nvidia1", .replica = 4},
           Form{.text = "gpu-0", .gpu = "gpu-0"},
           Form{.text = "gpu-1-mig-1g.5gb-19-0", .gpu = "gpu-1", .mig = "gpu-1-mig-1g.5gb-19-0"},
           Form{.text = "nvidia.com/gpu=GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8", .gpu = kGpu},
           Form{.text = "nvidia.com/gpu=gpu-0", .gpu = "gpu-0"},
       }) {
    SCOPED_TRACE(form.text);
    const auto id = parse_device_id(form.text);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->gpu, form.gpu);
    EXPECT_EQ(id->mig, form.mig);
    EXPECT_EQ(id->gpu_instance, form.gpu_instance);
    EXPECT_EQ(id->compute_instance, form.compute_instance);
    EXPECT_EQ(id->replica, form.replica);
  }
}

TEST(DeviceId, RefusesWhatIsNone) {
  for (const auto* text : {"",
                           "GPU-",
                           "GPU-8f6b1a2c",
                           "MIG-",
                           "MIG-GPU-1/2/3",
                           "nvidia",
                           "nvidiactl",
                           "nvidia0/gi",
                           "gpu-",
                           "gpu-x",
                           "gpu-mig-",
                           "gpu-mig-1g.5gb-19-0",
                           "::1",
                           "/vgpu1",
                           "a=b",
                           "a/b/c=GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8",
                           "GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8::",
                           "GPU-8f6b1a2c-3d4e-5f60-7182-93a4b5c6d7e8::99999999999",
                           "0000:3b:00.0"}) {
    EXPECT_FALSE(parse_device_id(text)) << text;
  }
}

}  // namespace
}  // namespace plumbline
