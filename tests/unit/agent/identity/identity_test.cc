// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "agent/identity/pod_events.h"
#include "tests/support/manual_clock.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;

std::string id_of(int number) {
  return fmt::format("{:064x}", number);
}

Pod make_pod(int number, int container) {
  Pod pod;
  pod.uid = fmt::format("uid-{}", number);
  pod.name = fmt::format("web-{}", number);
  pod.name_space = "shop";
  pod.node = "node1";
  pod.labels = {{"app.kubernetes.io/name", "store"}, {"team", "a"}};
  ContainerStatus main;
  main.name = "main";
  main.id = id_of(container);
  main.runtime = ContainerRuntime::kContainerd;
  main.image = "registry:5000/shop/web:1.2@sha256:99";
  main.state = ContainerState::kRunning;
  pod.containers = {main};
  return pod;
}

std::string path_of(int number, int container) {
  return fmt::format("/kubepods/burstable/poduid-{}/{}", number, id_of(container));
}

PodList list_of(std::vector<Pod> pods) {
  PodList list;
  list.pods = std::move(pods);
  return list;
}

TeamRules rules(const std::vector<std::string>& texts) {
  return TeamRules::parse(texts).value();
}

class IdentityTest : public testing::Test {
 protected:
  ManualClock clock_;
  Identity identity_{clock_};
};

TEST_F(IdentityTest, NamesAContainerByItsPodAndTeam) {
  identity_.configure({}, rules({"label:team"}));
  identity_.update(list_of({make_pod(1, 7)}));
  const auto owner = identity_.owner(path_of(1, 7));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->attribute("k8s.pod.name"), "web-1");
  EXPECT_EQ(owner->attribute("k8s.container.name"), "main");
  EXPECT_EQ(owner->attribute("container.image.name"), "registry:5000/shop/web");
  EXPECT_EQ(owner->attribute("container.image.tags"), "1.2");
  EXPECT_EQ(owner->attribute("service.name"), "store")
      << "a well-known label before the pod's name";
  EXPECT_EQ(owner->attribute("plumbline.team"), "a");
  EXPECT_EQ(owner->attribute("plumbline.team.rule"), "label:team");
  EXPECT_EQ(owner->attribute("k8s.pod.label.team"), "") << "only asked-for labels are exported";
}

TEST_F(IdentityTest, LeavesTheNodeItsOwnGroups) {
  for (const auto* path : {"/", "/system.slice/ssh.service", "/kubepods", "", "_other"}) {
    EXPECT_FALSE(identity_.owner(path)) << path;
  }
}

TEST_F(IdentityTest, NamesByThePathAloneWhenNobodyKnowsMore) {
  const auto owner = identity_.owner(path_of(1, 7));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->attribute("container.id"), id_of(7));
  EXPECT_EQ(owner->attribute("k8s.pod.uid"), "uid-1");
  EXPECT_TRUE(identity_.wants_refresh());
  EXPECT_FALSE(identity_.wants_refresh()) << "said once";
  identity_.update(list_of({make_pod(1, 7)}));
  EXPECT_EQ(identity_.owner(path_of(1, 7))->attribute("k8s.pod.name"), "web-1");
}

TEST_F(IdentityTest, GivesASandboxToItsPodAndSoonStopsAskingForIt) {
  identity_.update(list_of({make_pod(1, 7)}));
  int asks = 0;
  for (int i = 0; i < 20; ++i) {
    const auto owner = identity_.owner(path_of(1, 8));
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->kind, GroupKind::kPod);
    EXPECT_EQ(owner->attribute("k8s.pod.name"), "web-1");
    asks += identity_.wants_refresh() ? 1 : 0;
  }
  EXPECT_EQ(asks, Identity::kAsks);
}

TEST_F(IdentityTest, KeepsTheNameOfWhatIsGoneForAWhile) {
  identity_.update(list_of({make_pod(1, 7)}));
  identity_.update({});
  clock_.advance(Identity::kKeep - 1s);
  identity_.sweep();
  EXPECT_EQ(identity_.owner(path_of(1, 7))->attribute("k8s.pod.name"), "web-1");
  clock_.advance(2s);
  identity_.sweep();
  EXPECT_EQ(identity_.pods(), 0U);
  EXPECT_EQ(identity_.containers(), 0U);
}

TEST_F(IdentityTest, KeepsBothRunsOfAContainerApart) {
  auto pod = make_pod(1, 7);
  identity_.update(list_of({pod}));
  pod.containers[0].id = id_of(8);
  pod.containers[0].ended_before = Termination{.container_id = id_of(7), .reason = {}};
  identity_.update(list_of({pod}));
  EXPECT_EQ(identity_.owner(path_of(1, 7))->attribute("container.id"), id_of(7));
  EXPECT_EQ(identity_.owner(path_of(1, 8))->attribute("container.id"), id_of(8));
}

TEST_F(IdentityTest, KeepsTheObjectWhileItSaysTheSame) {
  identity_.update(list_of({make_pod(1, 7)}));
  const auto before = identity_.owner(path_of(1, 7));
  identity_.update(list_of({make_pod(1, 7)}));
  EXPECT_EQ(identity_.owner(path_of(1, 7)), before);
  auto renamed = make_pod(1, 7);
  renamed.labels = {};
  identity_.update(list_of({renamed}));
  EXPECT_EQ(identity_.owner(path_of(1, 7))->attribute("service.name"), "web-1");
}

TEST_F(IdentityTest, StaysSmallWhenTenThousandContainersComeAndGo) {
  for (int i = 0; i < 10'000; ++i) {
    identity_.update(list_of({make_pod(i, i)}));
    ASSERT_TRUE(identity_.owner(path_of(i, i)));
    clock_.advance(10ms);
    if (i % 100 == 0) identity_.sweep();
  }
  EXPECT_LE(identity_.containers(), Identity::kMaxGone + 1);
  EXPECT_LE(identity_.pods(), Identity::kMaxGone + 1);
}

TEST(Workload, IsWhatStandsAboveThePod) {
  struct Case {
    PodOwner owner;
    Labels labels;
    std::string_view kind;
    std::string_view name;
  };
  for (const auto& [owner, labels, kind, name] : {
           Case{{"ReplicaSet", "web-7d4b9c6f5"},
                {{"pod-template-hash", "7d4b9c6f5"}},
                "Deployment",
                "web"},
           Case{{"ReplicaSet", "web-7d4b9c6f5"}, {}, "Deployment", "web"},
           Case{{"ReplicaSet", "bare"}, {}, "ReplicaSet", "bare"},
           Case{{"ReplicaSet", "my-set"}, {}, "ReplicaSet", "my-set"},
           Case{{"Job", "nightly-29345678"}, {}, "CronJob", "nightly"},
           Case{{"Job", "migrate-2"}, {}, "Job", "migrate-2"},
           Case{{"StatefulSet", "db"}, {}, "StatefulSet", "db"},
           Case{{"DaemonSet", "agent"}, {}, "DaemonSet", "agent"},
           Case{{"Node", "node1"}, {}, "Static", "web-1"},
           Case{{"RayCluster", "ray"}, {}, "RayCluster", "ray"},
       }) {
    Pod pod = make_pod(1, 1);
    pod.owner = owner;
    pod.labels = labels;
    const auto workload = workload_of(pod);
    EXPECT_EQ(workload.kind, kind) << owner.name;
    EXPECT_EQ(workload.name, name) << owner.name;
  }
}

TEST(TeamRules, TakesTheFirstThatFits) {
  const auto teams = rules(
      {"label:team", "namespace:data-.*=data", "workload:ingest.*=streams", "default:nobody"});
  auto pod = make_pod(1, 1);
  EXPECT_EQ(teams.match(&pod, {}).team, "a");
  pod.labels = {};
  EXPECT_EQ(teams.match(&pod, {}).team, "nobody");
  pod.name_space = "data-lake";
  EXPECT_EQ(teams.match(&pod, {}).team, "data");
  EXPECT_EQ(teams.match(&pod, {}).rule, "namespace:data-.*=data");
  pod.name_space = "x-data-lake";
  EXPECT_EQ(teams.match(&pod, {.kind = "Deployment", .name = "ingest-a"}).team, "streams");
  EXPECT_EQ(teams.match(nullptr, {}).team, "nobody");
}

TEST(TeamRules, RefusesARuleThatMakesNoSense) {
  for (const std::string rule : {"",
                                 "label",
                                 "label:",
                                 "tag:x",
                                 "namespace:x",
                                 "namespace:(=a",
                                 "namespace:=a",
                                 "default:"}) {
    const auto parsed = TeamRules::parse(std::vector{rule});
    ASSERT_FALSE(parsed) << rule;
    EXPECT_NE(parsed.error().what.find('"' + rule + '"'), std::string::npos);
  }
}

std::vector<std::string> names(const std::vector<PodEvent>& events) {
  std::vector<std::string> out;
  for (const auto& event : events) out.emplace_back(to_string(event.kind));
  return out;
}

TEST(PodHistory, SaysNothingOfWhatWasThereBefore) {
  PodHistory history;
  EXPECT_TRUE(history.update(list_of({make_pod(1, 7)}), 1).empty());
  EXPECT_TRUE(history.update(list_of({make_pod(1, 7)}), 2).empty());
}

TEST(PodHistory, TellsStartEndAndRestartOnceEach) {
  PodHistory history;
  history.update({}, 1);
  auto pod = make_pod(1, 7);
  EXPECT_EQ(names(history.update(list_of({pod}), 2)),
            (std::vector<std::string>{"container.start"}));
  auto& main = pod.containers[0];
  main.ended_before =
      Termination{.container_id = id_of(7), .exit_code = 137, .reason = "OOMKilled", .finished = 5};
  main.id = id_of(8);
  main.restarts = 1;
  const auto events = history.update(list_of({pod}), 9);
  EXPECT_EQ(names(events), (std::vector<std::string>{"container.oom_kill", "container.restart"}));
  EXPECT_EQ(events[0].time, 5U);
  EXPECT_EQ(events[0].container_id, id_of(7));
  EXPECT_EQ(events[0].id, "container.exit/" + id_of(7));
  EXPECT_TRUE(history.update(list_of({pod}), 10).empty());
  main.waiting_reason = "CrashLoopBackOff";
  EXPECT_EQ(names(history.update(list_of({pod}), 11)),
            (std::vector<std::string>{"container.crash_loop"}));
}

TEST(PodHistory, TellsOfARunThatBeganAndEndedBetweenTwoAnswers) {
  PodHistory history;
  history.update({}, 1);
  auto pod = make_pod(1, 7);
  pod.containers[0].state = ContainerState::kTerminated;
  pod.containers[0].ended =
      Termination{.container_id = id_of(7), .exit_code = 0, .reason = "Completed"};
  EXPECT_EQ(names(history.update(list_of({pod}), 2)),
            (std::vector<std::string>{"container.start", "container.exit"}));
}

TEST(PodHistory, TellsOnceThatAnImageDoesNotCome) {
  PodHistory history;
  auto pod = make_pod(1, 7);
  auto& main = pod.containers[0];
  main.id.clear();
  main.state = ContainerState::kWaiting;
  main.waiting_reason = "ContainerCreating";
  history.update(list_of({pod}), 1);
  EXPECT_TRUE(history.update(list_of({pod}), 2).empty());
  main.waiting_reason = "ErrImagePull";
  const auto events = history.update(list_of({pod}), 3);
  ASSERT_EQ(names(events), (std::vector<std::string>{"container.image_pull_failure"}));
  EXPECT_EQ(events[0].id, "container.image_pull_failure/uid-1/main/0");
  EXPECT_EQ(events[0].attributes[0].first, "k8s.container.status.reason");
  EXPECT_EQ(events[0].attributes[0].second, "ErrImagePull");
  for (const auto* reason :
       {"ImagePullBackOff", "ErrImagePull", "ContainerCreating", "ImagePullBackOff"}) {
    main.waiting_reason = reason;
    EXPECT_TRUE(history.update(list_of({pod}), 4).empty()) << reason;
  }
  main.waiting_reason.clear();
  main.state = ContainerState::kRunning;
  main.id = id_of(7);
  EXPECT_EQ(names(history.update(list_of({pod}), 5)),
            (std::vector<std::string>{"container.start"}));
  main.state = ContainerState::kWaiting;
  main.waiting_reason = "CreateContainerConfigError";
  EXPECT_EQ(names(history.update(list_of({pod}), 6)),
            (std::vector<std::string>{"container.start_failure"}));
}

constexpr UnixNanos kSecond = 1'000'000'000;

TEST(StartDuration, IsWhatTheContainerItselfTook) {
  auto pod = make_pod(1, 7);
  pod.sandbox = 100 * kSecond;
  pod.containers[0].started = 130 * kSecond;
  EXPECT_EQ(start_duration(pod, pod.containers[0]), 30s) << "since the sandbox";

  ContainerStatus init;
  init.name = "init";
  init.is_init = true;
  init.started = 101 * kSecond;
  init.ended = Termination{.container_id = id_of(6), .finished = 110 * kSecond};
  pod.containers.push_back(init);
  EXPECT_EQ(start_duration(pod, pod.containers[0]), 20s) << "since the init container ended";
  EXPECT_FALSE(start_duration(pod, pod.containers[1]));

  ContainerStatus before;
  before.name = "before";
  before.started = 125 * kSecond;
  pod.containers.push_back(before);
  EXPECT_EQ(start_duration(pod, pod.containers[0]), 5s) << "since the one before it started";
  EXPECT_EQ(start_duration(pod, pod.containers[2]), 15s) << "the later one does not count";
}

TEST(StartDuration, IsNotThereWhenTheStatusDoesNotTell) {
  auto pod = make_pod(1, 7);
  auto& main = pod.containers[0];
  main.started = 130 * kSecond;
  EXPECT_FALSE(start_duration(pod, main)) << "no condition of the sandbox";
  pod.sandbox = 131 * kSecond;
  EXPECT_FALSE(start_duration(pod, main)) << "the sandbox is younger: another one";
  pod.sandbox = 100 * kSecond;
  main.started = 0;
  EXPECT_FALSE(start_duration(pod, main)) << "it does not run";
  main.started = 130 * kSecond;
  main.restarts = 1;
  EXPECT_FALSE(start_duration(pod, main)) << "not the first run";
}

TEST(PodHistory, TellsHowLongAStartTook) {
  PodHistory history;
  history.update({}, 1);
  auto pod = make_pod(1, 7);
  pod.sandbox = 100 * kSecond;
  pod.containers[0].started = 112 * kSecond;
  const auto events = history.update(list_of({pod}), 200 * kSecond);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].took, 12s);
  EXPECT_EQ(events[0].attributes.back().second, "12");
}

TEST_F(IdentityTest, TakesTheTopologyOfTheNodeFromThePod) {
  auto pod = make_pod(1, 7);
  pod.labels = {{"topology.kubernetes.io/region", "eu-1"},
                {"topology.kubernetes.io/zone", "eu-1b"}};
  identity_.update(list_of({pod}));
  const auto owner = identity_.owner(path_of(1, 7));
  EXPECT_EQ(owner->attribute("cloud.region"), "eu-1");
  EXPECT_EQ(owner->attribute("cloud.availability_zone"), "eu-1b");
}

TEST(PodHistory, TellsANewVersionOfAWorkloadOnce) {
  PodHistory history;
  auto old_pod = make_pod(1, 7);
  old_pod.owner = PodOwner{.kind = "ReplicaSet", .name = "web-7d4b9c6f5"};
  old_pod.labels = {{"pod-template-hash", "7d4b9c6f5"}};
  old_pod.created = 1;
  auto new_pod = make_pod(2, 8);
  new_pod.owner = PodOwner{.kind = "ReplicaSet", .name = "web-5c6f7d4b9"};
  new_pod.labels = {{"pod-template-hash", "5c6f7d4b9"}};
  new_pod.created = 2;
  history.update(list_of({old_pod}), 1);
  const auto events = history.update(list_of({old_pod, new_pod}), 2);
  ASSERT_EQ(names(events), (std::vector<std::string>{"container.start", "deploy"}));
  EXPECT_EQ(events[1].id, "deploy/shop/Deployment/web/7d4b9c6f5..5c6f7d4b9");
  EXPECT_TRUE(history.update(list_of({old_pod, new_pod}), 3).empty()) << "the old one still runs";
}

}  // namespace
}  // namespace plumbline
