// SPDX-License-Identifier: Apache-2.0
//
// Cgroup paths are named by whoever may make groups, device ids by device plugins. Whatever they
// are: what is read lies inside the text and is what its field promises.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/identity/cgroup_path.h"
#include "agent/identity/device_id.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

bool lies_in(std::string_view part, std::string_view text) {
  return part.empty() ||
         (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto group = plumbline::parse_group_path(text);
  expect(lies_in(group.container_id, text) && lies_in(group.unit, text));
  expect(lies_in(group.slice, text) && lies_in(group.inside, text));
  expect(group.container_id.empty() || group.container_id.size() == 64);
  expect(group.pod_uid.size() <= 64 && group.pod_uid.find('_') == std::string::npos);
  expect((group.kind == plumbline::GroupKind::kContainer) == !group.container_id.empty());
  expect((group.qos == plumbline::QosClass::kNone) == group.pod_uid.empty());
  if (const auto device = plumbline::parse_device_id(text)) {
    expect(lies_in(device->gpu, text) && lies_in(device->mig, text));
    expect(!device->gpu.empty() || !device->mig.empty());
  }
  return 0;
}
