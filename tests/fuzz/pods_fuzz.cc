// SPDX-License-Identifier: Apache-2.0
//
// What answers as the kubelet may be anything. Whatever it says: text is clean and short, and no
// list is longer than its limit. The first byte chooses the form.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/core/series.h"
#include "agent/identity/pod_events.h"
#include "agent/identity/pod_json.h"
#include "agent/identity/pod_proto.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void expect_clean(std::string_view text) {
  expect(text.size() <= plumbline::kMaxPodText);
  expect(plumbline::valid_utf8(text) == text);
  expect(std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  }));
}

void check(const plumbline::Pod& pod) {
  expect(!pod.uid.empty() && !pod.name.empty());
  for (const auto* text : {&pod.uid, &pod.name, &pod.name_space, &pod.node, &pod.phase}) {
    expect_clean(*text);
  }
  expect(pod.labels.size() <= plumbline::kMaxLabels);
  for (const auto& [key, value] : pod.labels) {
    expect_clean(key);
    expect_clean(value);
  }
  expect(pod.containers.size() <= plumbline::kMaxContainers);
  for (const auto& container : pod.containers) {
    for (const auto* text : {&container.name, &container.id, &container.image}) expect_clean(*text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'r') {
    if (const auto grants = plumbline::parse_pod_resources(text)) {
      for (const auto& grant : *grants) expect_clean(grant.device);
    }
    return 0;
  }
  const plumbline::LabelChoice all{.labels = {"*"}, .annotations = {"*"}};
  const auto list = data[0] == 'p' ? plumbline::parse_pods_message(text, all)
                                   : plumbline::parse_pods_json(text, all);
  if (!list) return 0;
  for (const auto& pod : list->pods) check(pod);
  plumbline::PodHistory history;
  history.update({}, 1);
  for (const auto& event : history.update(*list, 2)) expect(!event.id.empty());
  history.update({}, 3);
  expect(history.update({}, 4).empty());
  return 0;
}
