// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "agent/identity/pod_json.h"
#include "agent/identity/pod_proto.h"

namespace plumbline {
namespace {

using protozero::pbf_writer;

constexpr std::string_view kJson = R"({"kind": "PodList", "metadata": {"items": 1}, "items": [
  {"metadata": {"name": "web-7d4b9c6f5-x2x9z", "namespace": "shop", "uid": "u-1",
    "creationTimestamp": "2026-11-21T14:34:08Z",
    "labels": {"team": "a", "pod-template-hash": "7d4b9c6f5", "unasked": "x"},
    "annotations": {"resource.opentelemetry.io/service.name": "front", "unasked": "x"},
    "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7d4b9c6f5", "controller": true}]},
   "spec": {"nodeName": "node1"},
   "status": {"phase": "Running",
    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-21T14:34:10Z"},
                   {"type": "PodReadyToStartContainers", "status": "True",
                    "lastTransitionTime": "2026-11-21T14:34:09Z"},
                   {"type": "PodScheduled", "status": "False"}],
    "initContainerStatuses": [{"name": "setup", "state": {"terminated": {"exitCode": 0}}}],
    "containerStatuses": [{"name": "main", "image": "shop/web:1.2", "imageID": "sha256:11",
      "containerID": "containerd://abc", "restartCount": 2, "ready": true,
      "state": {"running": {"startedAt": "2026-11-21T14:34:09Z"}},
      "lastState": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled",
        "containerID": "containerd://old", "finishedAt": "2026-11-21T14:34:08Z"}}}]}}]})";

constexpr UnixNanos kSecond = 1'000'000'000;
constexpr UnixNanos kCreated = 1'795'271'648 * kSecond;  // 2026-11-21T14:34:08Z

const LabelChoice kChoice{.labels = {"team"}, .annotations = {}};

void expect_web(const Pod& pod) {
  EXPECT_EQ(pod.uid, "u-1");
  EXPECT_EQ(pod.name, "web-7d4b9c6f5-x2x9z");
  EXPECT_EQ(pod.name_space, "shop");
  EXPECT_EQ(pod.node, "node1");
  EXPECT_EQ(pod.created, kCreated);
  EXPECT_EQ(pod.ready, kCreated + 2 * kSecond);
  EXPECT_EQ(pod.scheduled, 0U) << "a condition that is not true";
  EXPECT_EQ(pod.labels, (Labels{{"pod-template-hash", "7d4b9c6f5"}, {"team", "a"}}));
  EXPECT_EQ(pod.annotations, (Labels{{"resource.opentelemetry.io/service.name", "front"}}));
  ASSERT_TRUE(pod.owner);
  EXPECT_EQ(pod.owner->kind, "ReplicaSet");
  ASSERT_EQ(pod.containers.size(), 2U);
  const auto& main = pod.containers[pod.containers[0].is_init ? 1 : 0];
  EXPECT_EQ(main.id, "abc");
  EXPECT_EQ(main.runtime, ContainerRuntime::kContainerd);
  EXPECT_EQ(main.state, ContainerState::kRunning);
  EXPECT_EQ(main.restarts, 2U);
  EXPECT_TRUE(main.ready);
  ASSERT_TRUE(main.ended_before);
  EXPECT_EQ(main.ended_before->container_id, "old");
  EXPECT_EQ(main.ended_before->exit_code, 137);
  EXPECT_EQ(main.ended_before->reason, "OOMKilled");
}

TEST(PodsJson, ReadsWhatTheKubeletAnswers) {
  const auto list = parse_pods_json(kJson, kChoice);
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->pods.size(), 1U);
  expect_web(list->pods[0]);
  EXPECT_EQ(list->pods[0].sandbox, kCreated + kSecond);
  EXPECT_EQ(list->mended, 0U);
  EXPECT_EQ(list->left_out, 0U);
}

TEST(PodsJson, TakesAnEmptyListForOne) {
  for (const auto* text : {R"({"items": null})", R"({"items": []})", R"({"kind": "PodList"})"}) {
    const auto list = parse_pods_json(text, kChoice);
    ASSERT_TRUE(list) << text;
    EXPECT_TRUE(list->pods.empty());
  }
}

TEST(PodsJson, RefusesWhatIsNoList) {
  for (const auto* text : {"", "[]", "7", "{", R"({"items": 7})", "<html>", R"({"items": [)"}) {
    const auto list = parse_pods_json(text, kChoice);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, Errc::kMalformed);
  }
  const auto deep = R"({"items":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_FALSE(parse_pods_json(deep, kChoice));
}

TEST(PodsJson, PassesOverFieldsOfTheWrongType) {
  const auto list = parse_pods_json(
      R"({"items": [7, {"metadata": {"uid": "u", "name": "n", "labels": [1], "namespace": 7,
          "ownerReferences": "x", "creationTimestamp": "yesterday"},
          "status": {"containerStatuses": [7, {"name": 8, "restartCount": "x", "state": 1}]}},
          {"metadata": {"uid": "no name"}}]})",
      kChoice);
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->pods.size(), 1U);
  EXPECT_EQ(list->pods[0].created, 0U);
  EXPECT_EQ(list->left_out, 1U) << "the pod without a name";
}

TEST(PodsJson, MendsAndCutsHostileText) {
  const auto long_value = std::string(65'536, 'x');
  const auto list = parse_pods_json(R"({"items": [{"metadata": {"uid": "u", "name": "n\u0000m",
      "namespace": ")" + std::string("\xff") +
                                        R"(", "labels": {"team": ")" + long_value + R"("}}}]})",
                                    kChoice);
  ASSERT_TRUE(list) << list.error().what;
  const auto& pod = list->pods.at(0);
  EXPECT_EQ(pod.name, "n\uFFFDm");
  EXPECT_EQ(pod.name_space, "\uFFFD");
  EXPECT_EQ(*find_label(pod.labels, "team"), long_value.substr(0, kMaxPodText));
  EXPECT_GE(list->mended, 3U);
}

TEST(CleanText, NeverCutsACharacterInTwo) {
  std::uint64_t mended = 0;
  const auto text = std::string(kMaxPodText - 1, 'a') + "é";
  EXPECT_EQ(clean_text(text, mended), std::string(kMaxPodText - 1, 'a'));
  EXPECT_EQ(mended, 1U);
  EXPECT_EQ(clean_text("käse", mended), "käse");
  EXPECT_EQ(mended, 1U);
}

std::string message_of(const std::vector<std::pair<int, std::string>>& fields) {
  std::string out;
  pbf_writer writer(out);
  for (const auto& [tag, value] : fields) writer.add_string(static_cast<unsigned>(tag), value);
  return out;
}

std::string time_of(UnixNanos time) {
  std::string out;
  pbf_writer(out).add_int64(1, static_cast<std::int64_t>(time / kSecond));
  return out;
}

// The pod of kJson as the pods API has it.
std::string web_message() {
  auto owner = message_of({{1, "ReplicaSet"}, {3, "web-7d4b9c6f5"}});
  pbf_writer(owner).add_bool(6, true);
  const auto meta =
      message_of({{1, "web-7d4b9c6f5-x2x9z"},
                  {3, "shop"},
                  {5, "u-1"},
                  {8, time_of(kCreated)},
                  {11, message_of({{1, "team"}, {2, "a"}})},
                  {11, message_of({{1, "pod-template-hash"}, {2, "7d4b9c6f5"}})},
                  {11, message_of({{1, "unasked"}, {2, "x"}})},
                  {12, message_of({{1, "resource.opentelemetry.io/service.name"}, {2, "front"}})},
                  {13, owner}});
  std::string ended;
  pbf_writer end(ended);
  end.add_int32(1, 137);
  end.add_int32(2, 9);
  end.add_string(3, "OOMKilled");
  end.add_string(7, "containerd://old");
  const auto running = message_of({{2, message_of({{1, time_of(kCreated + kSecond)}})}});
  auto container = message_of({{1, "main"},
                               {2, running},
                               {3, message_of({{3, ended}})},
                               {6, "shop/web:1.2"},
                               {8, "containerd://abc"}});
  pbf_writer writer(container);
  writer.add_bool(4, true);
  writer.add_int32(5, 2);
  const auto ready = message_of({{1, "Ready"}, {2, "True"}, {4, time_of(kCreated + 2 * kSecond)}});
  const auto status = message_of({{1, "Running"},
                                  {2, ready},
                                  {2, message_of({{1, "PodScheduled"}, {2, "False"}})},
                                  {8, container},
                                  {10, message_of({{1, "setup"}})}});
  return message_of({{1, meta}, {2, message_of({{10, "node1"}})}, {3, status}});
}

TEST(PodsMessage, ReadsWhatThePodsApiAnswers) {
  const auto bytes = message_of({{1, web_message()}});
  const auto list = parse_pods_message(bytes, kChoice);
  ASSERT_TRUE(list) << list.error().what;
  ASSERT_EQ(list->pods.size(), 1U);
  expect_web(list->pods[0]);
}

TEST(PodsMessage, RefusesWhatIsCutShort) {
  const auto bytes = message_of({{1, web_message()}});
  for (std::size_t length = 1; length < bytes.size(); length += 7) {
    EXPECT_FALSE(parse_pods_message(std::string_view(bytes).substr(0, length), kChoice)) << length;
  }
}

TEST(PodsMessage, MendsAndCutsHostileText) {
  const auto long_value = std::string(65'536, 'x') + "\xff";
  const auto meta = message_of({{1, std::string("n\0m\x1b[2J", 7)},
                                {3, "\xc3\x28"},
                                {5, "u"},
                                {11, message_of({{1, "team"}, {2, long_value}})}});
  const auto list = parse_pods_message(message_of({{1, message_of({{1, meta}})}}), kChoice);
  ASSERT_TRUE(list) << list.error().what;
  const auto& pod = list->pods.at(0);
  EXPECT_EQ(pod.name, "n\uFFFDm\uFFFD[2J");
  EXPECT_EQ(pod.name_space, "\uFFFD(");
  EXPECT_EQ(*find_label(pod.labels, "team"), std::string(kMaxPodText, 'x'));
  EXPECT_EQ(list->mended, 3U);
}

TEST(PodResources, ReadsDevicesAndClaims) {
  const auto gpu = message_of({{1, "nvidia.com/gpu"}, {2, "GPU-1"}, {2, "GPU-2"}});
  const auto claim = message_of({{2, "c"}, {4, message_of({{2, "gpu.nvidia.com"}, {4, "gpu-0"}})}});
  const auto container = message_of({{2, gpu}, {5, claim}, {1, "main"}});
  const auto pod = message_of({{3, container}, {1, "train"}, {2, "ml"}});
  const auto grants = parse_pod_resources(message_of({{1, pod}}));
  ASSERT_TRUE(grants);
  ASSERT_EQ(grants->size(), 3U);
  EXPECT_EQ((*grants)[0].pod, "train") << "its name stands behind its containers";
  EXPECT_EQ((*grants)[0].name_space, "ml");
  EXPECT_EQ((*grants)[0].container, "main");
  EXPECT_EQ((*grants)[1].device, "GPU-2");
  EXPECT_EQ((*grants)[2].resource, "gpu.nvidia.com");
  EXPECT_EQ((*grants)[2].device, "gpu-0");
  EXPECT_FALSE(parse_pod_resources("\x0a\x7f"));
}

}  // namespace
}  // namespace plumbline
